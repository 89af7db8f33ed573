internal import GatehouseSystem
internal import Glibc

/// A secret in a file of its own, as systemd gives it to a service (systemd.exec(5), `LoadCredential=`): the file NAME
/// in the folder $CREDENTIALS_DIRECTORY, without the line break at its end. Its value is in no message.
struct Credential {
    /// The fault of a name or of a file, as the end of a sentence.
    struct Unusable: Error {
        var fault: String
    }

    static let folderVariable = "CREDENTIALS_DIRECTORY"

    /// `nil` if there is no such credential.
    let value: String?

    /// Passwords and keys are small; systemd itself takes a mebibyte.
    private static let largest = 65_536

    /// - Parameter folder: the folder of all credentials; `nil` if there is none.
    init(_ name: String, folder: String?) throws(Unusable) {
        // systemd's own rule is wider, but no file of another folder can be named by this.
        let isName =
            !name.isEmpty && name.utf8.count <= 255 && name != "." && name != ".."
            && name.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || [45, 46, 95].contains($0)
            }
        guard isName else {
            throw Unusable(fault: "has a name of other than letters, digits, \"-\", \"_\" and \".\"")
        }
        guard let folder, !folder.isEmpty else {
            value = nil
            return
        }
        let path = folder + "/" + name
        // Non-blocking, because opening a named pipe would otherwise wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw Unusable(fault: "cannot be read: \(path): \(SystemError.text())") }
            value = nil
            return
        }
        defer { close(descriptor) }
        value = try Self.text(descriptor, path)
    }

    private static func text(_ descriptor: Int32, _ path: String) throws(Unusable) -> String {
        var bytes: [UInt8]
        do {
            bytes = try Descriptor.readAll(descriptor, atMost: largest)
        } catch {
            let reason = error.code == EFBIG ? "it is larger than \(largest) bytes" : error.reason
            throw Unusable(fault: "cannot be read: \(path): \(reason)")
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw Unusable(fault: "is not a text: \(path) has bytes that are not UTF-8, or are 0")
        }
        return text
    }
}
