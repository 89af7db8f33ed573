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
        let flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW
        // Requests and errors are nobody else's business: the group may read, others may not.
        let made = Glibc.open(path, flags | O_CREAT | O_EXCL, 0o640)
        if made >= 0 {
            // The umask does not take it from the group, who was promised it. A file that was there stays as it was.
            fchmod(made, 0o640)
            return made
        }
        let descriptor = Glibc.open(path, flags | O_CREAT, 0o640)
        guard descriptor >= 0 else {
            throw SupervisorError("cannot write the log \(path): \(systemError())", .inputOutput)
        }
        return descriptor
    }
}
