internal import GatehouseSystem
public import Glibc

/// A folder for one test, removed with its content.
public final class TemporaryFolder {
    public let path: String

    public init() throws {
        var template = Array("/tmp/gatehouse-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil,
            let path = template.withUnsafeBufferPointer({ $0.baseAddress }).map({ String(cString: $0) })
        else { throw SystemError("mkdtemp") }
        self.path = path
    }

    deinit { Self.remove(path) }

    @discardableResult
    public func write(_ bytes: [UInt8], to name: String, mode: mode_t = 0o644) throws -> String {
        let file = path + "/" + name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError("open") }
        try Descriptor.writeAll(bytes, to: descriptor)
        fchmod(descriptor, mode)
        close(descriptor)
        return file
    }

    public func makeFolder(_ name: String, mode: mode_t = 0o755) -> String {
        mkdir(path + "/" + name, 0o700)
        chmod(path + "/" + name, mode)
        return path + "/" + name
    }

    private static func remove(_ path: String) {
        guard let directory = opendir(path) else {
            unlink(path)
            return
        }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            let child = path + "/" + name
            var status = stat()
            lstat(child, &status)
            if status.st_mode & S_IFMT == S_IFDIR { remove(child) } else { unlink(child) }
        }
        closedir(directory)
        rmdir(path)
    }
}
