internal import CGatehouseSystem
internal import GatehouseConfiguration
internal import GatehousePlan
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

    /// Milliseconds to wait for a reader who does not read: `serve` has to end with its status.
    private static let timeout: Int32 = 5_000

    /// Writes in one call, so that no line of a worker, which shares this standard error, ends up inside the text.
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

/// The end of a command without success: complete messages, and the exit status. `OperatorError` has one message.
struct CommandFailure: Error {
    var messages: [String]
    var status: ExitStatus
    /// Whether the messages begin with their place: file, line and column.
    var isPlaced = false
    /// The modules that a wrong configuration names, for `check` to check as well.
    var modules: [ConfiguredModule] = []

    init(_ message: String, _ status: ExitStatus) {
        self.init([message], status)
    }

    init(_ error: OperatorError) {
        self.init(error.message, error.exitStatus)
    }

    init(_ messages: [String], _ status: ExitStatus) {
        self.messages = messages
        self.status = status
    }
}
