internal import GatehousePlan
internal import Glibc

/// A file that lines are appended to, and that can be opened anew when it has been moved away.
final class LogFile {
    let path: String
    private(set) var descriptor: Int32

    init(path: String) throws(SupervisorError) {
        self.path = path
        descriptor = try Self.open(path)
    }

    deinit { close(descriptor) }

    /// The file of that name as it is now.
    func reopen() throws(SupervisorError) {
        let new = try Self.open(path)
        close(descriptor)
        descriptor = new
    }

    private static func open(_ path: String) throws(SupervisorError) -> Int32 {
        // Requests and errors are nobody else's business: the group may read, others may not.
        let descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else {
            throw SupervisorError("cannot write the log \(path): \(systemError())", .inputOutput)
        }
        return descriptor
    }
}
