import GatehouseConfiguration
internal import CGatehouseSystem
internal import GatehousePlan
internal import Glibc

/// What lines are appended to: a file, which can be opened anew when it has been moved away, or standard output or
/// error. No write to it waits for who reads it.
final class LogFile {
    let place: LogPlace
    private(set) var descriptor: Int32

    init(_ place: LogPlace) throws(SupervisorError) {
        self.place = place
        descriptor = try Self.open(place)
    }

    deinit { close(descriptor) }

    /// The file of that name as it is now.
    func reopen() throws(SupervisorError) {
        let new = try Self.open(place)
        close(descriptor)
        descriptor = new
    }

    private static func open(_ place: LogPlace) throws(SupervisorError) -> Int32 {
        let descriptor =
            switch place {
            case .standardOutput: gatehouse_log_standard(STDOUT_FILENO)
            case .standardError: gatehouse_log_standard(STDERR_FILENO)
            case .file(let path): open(file: path)
            }
        guard descriptor >= 0 else {
            let isLink = errno == ELOOP
            throw SupervisorError(
                "cannot write the log \(place): \(systemError())"
                    + (isLink ? ": it is a symbolic link, which is not followed: name the file itself" : ""),
                .inputOutput)
        }
        return descriptor
    }

    private static func open(file path: String) -> Int32 {
        // A FIFO is neither waited for nor waited at.
        let common = O_APPEND | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK
        // Requests and errors are nobody else's business: the group may read, others may not.
        let made = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | common, 0o640)
        if made >= 0 {
            // The umask does not take it from the group, who was promised it. A file that was there stays as it was.
            fchmod(made, 0o640)
            return made
        }
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | common, 0o640)
        // A FIFO that nobody reads yet: opened so, it is there for whoever comes to read it.
        guard descriptor < 0, errno == ENXIO else { return descriptor }
        return Glibc.open(path, O_RDWR | common)
    }
}
