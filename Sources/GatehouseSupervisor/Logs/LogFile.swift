import GatehouseConfiguration
internal import CGatehouseSystem
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The target of log lines: a file, which can be opened anew when it has been moved away, or standard output or error.
/// No write to it waits for a reader.
final class LogFile {
    let place: LogPlace
    private(set) var descriptor: Int32

    init(_ place: LogPlace) throws(OperatorError) {
        self.place = place
        descriptor = try Self.open(place)
    }

    deinit { close(descriptor) }

    /// Opens the file that has the name now.
    func reopen() throws(OperatorError) {
        let new = try Self.open(place)
        close(descriptor)
        descriptor = new
    }

    private static func open(_ place: LogPlace) throws(OperatorError) -> Int32 {
        let descriptor =
            switch place {
            case .standardOutput: gatehouse_log_standard(STDOUT_FILENO)
            case .standardError: gatehouse_log_standard(STDERR_FILENO)
            case .file(let path): open(file: path)
            }
        guard descriptor >= 0 else {
            let isLink = errno == ELOOP
            throw OperatorError(
                "cannot write the log \(place): \(SystemError.text())"
                    + (isLink ? ": it is a symbolic link, which is not followed: name the file itself" : ""),
                .inputOutput)
        }
        return descriptor
    }

    private static func open(file path: String) -> Int32 {
        // With O_NONBLOCK, neither opening nor writing waits for the reader of a FIFO.
        let common = O_APPEND | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK
        // Requests and errors are confidential: the group may read, others may not.
        let made = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | common, 0o640)
        if made >= 0 {
            // Gives the group the right that the umask may have taken. An existing file keeps its mode.
            fchmod(made, 0o640)
            return made
        }
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | common, 0o640)
        // A FIFO without a reader: opened for reading too, it can be written to before a reader comes.
        guard descriptor < 0, errno == ENXIO else { return descriptor }
        return Glibc.open(path, O_RDWR | common)
    }
}
