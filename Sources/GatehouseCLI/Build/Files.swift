internal import GatehousePlan
internal import Glibc

/// The little that building a module needs of the file system.
enum Files {
    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// The path with all links resolved; `nil` where nothing is there.
    static func resolve(_ path: String) -> String? {
        guard let bytes = realpath(path, nil) else { return nil }
        defer { free(bytes) }
        return String(cString: bytes)
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder, sorted, hidden ones left out; none where it is no folder.
    static func list(_ folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The paths of all files below a folder, links to folders not followed.
    static func walk(_ folder: String) -> [String] {
        list(folder).flatMap { name -> [String] in
            let path = folder + "/" + name
            var status = stat()
            guard lstat(path, &status) == 0 else { return [] }
            return status.st_mode & S_IFMT == S_IFDIR ? walk(path) : [path]
        }
    }

    static func read(_ path: String) -> String? {
        readBytes(path).map { String(decoding: $0, as: UTF8.self) }
    }

    static func readBytes(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return readAll(descriptor)
    }

    static func readAll(_ descriptor: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    /// Copies a folder's files and folders; links are copied as what they lead to, hidden files are left out.
    static func copyTree(_ source: String, to target: String) throws(CommandFailure) {
        guard mkdir(target, 0o755) == 0 || errno == EEXIST else {
            throw CommandFailure("cannot make \(target): \(String(cString: strerror(errno)))", .inputOutput)
        }
        // The pool's user reads them, whatever this user's umask is.
        chmod(target, 0o755)
        for name in list(source) {
            let (from, to) = (source + "/" + name, target + "/" + name)
            if isDirectory(from) {
                try copyTree(from, to: to)
            } else {
                guard let bytes = readBytes(from) else {
                    throw CommandFailure("cannot read \(from): \(String(cString: strerror(errno)))", .inputOutput)
                }
                try write(bytes, to: to)
                chmod(to, 0o644)
            }
        }
    }

    static func write(_ text: String, to path: String) throws(CommandFailure) {
        try write(Array(text.utf8), to: path)
    }

    static func write(_ bytes: [UInt8], to path: String) throws(CommandFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        var rest = bytes[...]
        while descriptor >= 0, !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count <= 0 { break }
            rest = rest.dropFirst(count)
        }
        let failed = descriptor < 0 || !rest.isEmpty
        let reason = String(cString: strerror(errno))
        if descriptor >= 0 { close(descriptor) }
        if failed { throw CommandFailure("cannot write \(path): \(reason)", .inputOutput) }
    }

    /// A new folder of our own for intermediate files.
    static func makeTemporaryFolder() throws(CommandFailure) -> String {
        var template = Array("/tmp/gatehouse-build-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure("cannot make a folder in /tmp: \(String(cString: strerror(errno)))", .inputOutput)
        }
        return template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }

    /// Removes a folder that holds only files and folders of ours.
    static func removeTree(_ folder: String) {
        for name in list(folder) {
            let path = folder + "/" + name
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR { removeTree(path) } else { unlink(path) }
        }
        rmdir(folder)
    }
}
