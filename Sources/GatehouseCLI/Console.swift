internal import CGatehouseSystem
internal import Glibc

/// Lines for the operator, on standard error: standard output is for what a command was asked to print.
enum Console {
    static func say(_ line: String) {
        write("gatehouse: \(line)\n")
    }

    /// For lines that begin with their place, such as `gatehouse.yaml:3:5: ...`: editors jump there.
    static func sayPlaced(_ line: String) {
        write("\(line)\n")
    }

    /// Milliseconds for which somebody who does not read it is waited for: `serve` has to end with its status.
    private static let timeout: Int32 = 5_000

    /// In one call, so that lines of workers, which share this standard error, do not end up inside it.
    private static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        let kind = gatehouse_log_kind(STDERR_FILENO)
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { gatehouse_log_write(STDERR_FILENO, kind, $0.baseAddress, $0.count) }
            if count == 0 {
                var room = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
                guard poll(&room, 1, timeout) > 0 else { return }
            }
            guard count >= 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
