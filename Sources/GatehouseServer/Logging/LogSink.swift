import GatehousePlan
import Glibc
import Synchronization

/// Where log lines go. Nobody waits for who reads them: a line that finds no room is lost, and the next that finds some
/// comes after one that says how many were. What a pipe holds is all the patience there is.
package final class LogSink: Sendable {
    private let output: Mutex<LineOutput>

    /// - Parameter descriptor: not closed by the sink.
    package init(descriptor: Int32) {
        output = Mutex(
            LineOutput(descriptor: descriptor, capacity: 0) { lost in
                "\(LogSink.timestamp()) warning gatehouse [\(getpid())] \(lost) lines of the log were lost before this "
                    + "one: nobody has read them"
            })
    }

    package static let standardError = LogSink(descriptor: STDERR_FILENO)

    package func write(_ line: String) {
        var bytes = Array(line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        // An error other than for want of room is not to fail a request: the line counts as lost.
        output.withLock { _ = $0.add(bytes) }
    }

    /// The time of day in UTC, as RFC 3339 writes it, with milliseconds.
    package static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        func padded(_ value: some BinaryInteger, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))T"
            + "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))."
            + "\(padded(now.tv_nsec / 1_000_000, 3))Z"
    }
}
