import GatehouseSystem
import Glibc

/// The file of a module's secrets in its state folder, one a line, the newest first. Whichever worker comes first makes
/// it; all others, of this generation and the next ones, read it.
struct KeyFile {
    let path: String

    /// The most bytes that are read of the file.
    private static let longest = 4_096

    /// Reads the secrets; makes the file with a new one if it is not there.
    /// - Throws: ``KeyRingError`` if the file cannot be made or read, or can be read by others.
    func secrets() throws(KeyRingError) -> [String] {
        if let secrets = try read() { return secrets }
        try make()
        guard let secrets = try read() else { throw failure("it went away as soon as it was made", code: nil) }
        return secrets
    }

    /// - Returns: `nil` if there is no file.
    private func read() throws(KeyRingError) -> [String]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if descriptor < 0 {
            let code = errno
            if code == ENOENT { return nil }
            throw failure("it cannot be read", code: code)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw failure("it is no regular file: remove it", code: nil)
        }
        guard status.st_mode & 0o077 == 0, status.st_uid == geteuid() else {
            throw failure(
                "others can read it: make its secret anew (remove it), or chown \(geteuid()) and chmod 600 it",
                code: nil)
        }
        var bytes = [UInt8](repeating: 0, count: Self.longest)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw failure("it cannot be read", code: errno) }
        return String(decoding: bytes[..<count], as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
    }

    /// Makes the file under another name, and links it to its own when it is whole: the first link counts, and no
    /// worker reads half a secret.
    private func make() throws(KeyRingError) {
        let draft = "\(path).\(Base64URL.encode(RandomBytes.make(9)))"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("it cannot be made", code: errno) }
        defer {
            close(descriptor)
            unlink(draft)
        }
        let line = Array((Base64URL.encode(RandomBytes.make(48)) + "\n").utf8)
        guard write(descriptor, line, line.count) == line.count, fsync(descriptor) == 0 else {
            throw failure("it cannot be written", code: errno)
        }
        guard link(draft, path) == 0 || errno == EEXIST else { throw failure("it cannot be made", code: errno) }
    }

    private func failure(_ problem: String, code: Int32?) -> KeyRingError {
        KeyRingError(
            "the file of the session keys, \(path): \(problem)" + (code.map { ": \(SystemError.text($0))" } ?? ""))
    }
}
