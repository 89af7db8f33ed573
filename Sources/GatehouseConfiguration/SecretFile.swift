internal import GatehouseSystem
internal import Glibc

/// A file that is a secret as a whole, without the line break at its end. Its value is in no message.
struct SecretFile {
    /// The fault of a name or of a file, as the end of a sentence.
    struct Unusable: Error {
        var fault: String
    }

    /// Passwords and keys are small; systemd itself takes a mebibyte for a credential.
    private static let largest = 65_536

    let path: String

    /// The file's text; `nil` if there is no such file.
    func text() throws(Unusable) -> String? {
        // Non-blocking, because opening a named pipe would otherwise wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw Unusable(fault: "cannot be read: \(path): \(SystemError.text())") }
            return nil
        }
        defer { close(descriptor) }
        return try text(descriptor)
    }

    /// The same with the rights of a user; `nil` means those of this process.
    func text(as rights: FileRights?) throws(Unusable) -> String? {
        guard let rights else { return try text() }
        let result: Result<String?, Unusable>
        do {
            result = try rights.run {
                do throws(Unusable) { return .success(try text()) } catch { return .failure(error) }
            }
        } catch {
            throw Unusable(
                fault: "cannot be read with the rights of the pool's user: \(error.reason): allow setgroups, setfsuid "
                    + "and setfsgid (systemd: SystemCallFilter=, and CAP_SETUID and CAP_SETGID)")
        }
        return try result.get()
    }

    private func text(_ descriptor: Int32) throws(Unusable) -> String {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Unusable(fault: "cannot be read: \(path): it is no ordinary file")
        }
        var bytes: [UInt8]
        do {
            bytes = try Descriptor.readAll(descriptor, atMost: Self.largest)
        } catch {
            let reason = error.code == EFBIG ? "it is larger than \(Self.largest) bytes" : error.reason
            throw Unusable(fault: "cannot be read: \(path): \(reason)")
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw Unusable(fault: "is not a text: \(path) has bytes that are not UTF-8, or are 0")
        }
        return text
    }
}
