internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The file system, as far as building a module needs it.
enum Files {
    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// The path with all links resolved; `nil` if there is no such file.
    static func resolve(_ path: String) -> String? {
        guard let bytes = realpath(path, nil) else { return nil }
        defer { free(bytes) }
        return String(cString: bytes)
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder, sorted, without hidden ones; none if it is no folder.
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

    /// The paths of all files below a folder. Links to folders are not followed.
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

    private static func readBytes(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return try? Descriptor.readAll(descriptor)
    }

    /// Copies a folder's files and folders: the targets of links, and no hidden files.
    static func copyTree(_ source: String, to target: String) throws(CommandFailure) {
        guard mkdir(target, 0o755) == 0 || errno == EEXIST else {
            throw CommandFailure("cannot make \(target): \(SystemError.text())", .inputOutput)
        }
        // The pool's user must be able to read them, even with a strict umask.
        chmod(target, 0o755)
        for name in list(source) {
            let (from, to) = (source + "/" + name, target + "/" + name)
            if isDirectory(from) {
                try copyTree(from, to: to)
            } else {
                guard let bytes = readBytes(from) else {
                    throw CommandFailure("cannot read \(from): \(SystemError.text())", .inputOutput)
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
        guard descriptor >= 0 else {
            throw CommandFailure("cannot write \(path): \(SystemError.text())", .inputOutput)
        }
        defer { close(descriptor) }
        do {
            try Descriptor.writeAll(bytes, to: descriptor)
        } catch {
            throw CommandFailure("cannot write \(path): \(error.reason)", .inputOutput)
        }
    }

    /// A new folder of our own for intermediate files.
    static func makeTemporaryFolder() throws(CommandFailure) -> String {
        var template = Array("/tmp/gatehouse-build-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure("cannot make a folder in /tmp: \(SystemError.text())", .inputOutput)
        }
        return template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }

    /// Removes a folder that this program has made, with its content.
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
