import Glibc

/// A folder for the socket. In /tmp whatever TMPDIR says, because a socket's path may have 107 bytes at most.
struct TemporaryFolder {
    let path: String

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    init() throws {
        var template = Array("/tmp/gatehouse-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Failure(description: "cannot make a folder in /tmp: \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes the folder; the socket's file in it is gone by then.
    func remove() {
        rmdir(path)
    }
}
