internal import Glibc

/// What a worker writes to its standard output and error: one record one line, and the last of it kept for the report
/// of a crash.
struct WorkerOutput {
    /// As long as a log line of ours can be.
    private static let longestLine = 8_192
    private static let kept = 40
    /// Before it is ready a worker has little to say; a module that fails in a loop must not fill the disk (row E2).
    private static let beforeReady = 32_768

    private var reader = LineReader(longest: longestLine)
    private(set) var lastLines: [String] = []
    private var bytes = 0
    private var isSilenced = false

    /// Reads what there is.
    /// - Returns: the lines that are for the log, and whether more may come.
    mutating func read(_ descriptor: Int32, isReady: Bool, all: Bool) -> (lines: [String], isOpen: Bool) {
        var lines: [String] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var isFirst = true
        while all || isFirst {
            isFirst = false
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { break }
            guard count > 0 else {
                if let rest = reader.rest() { add(rest, isReady, to: &lines) }
                return (lines, false)
            }
            reader.receive(buffer[..<count])
            while let line = reader.next() { add(line, isReady, to: &lines) }
        }
        if all, let rest = reader.rest() { add(rest, isReady, to: &lines) }
        return (lines, true)
    }

    private mutating func add(_ bytes: [UInt8], _ isReady: Bool, to lines: inout [String]) {
        let line = printable(String(decoding: bytes, as: UTF8.self), atMost: Self.longestLine)
        lastLines.append(line)
        if lastLines.count > Self.kept { lastLines.removeFirst() }
        if !isReady {
            self.bytes += bytes.count
            guard self.bytes <= Self.beforeReady else {
                if !isSilenced { lines.append("(further lines of this worker's start are left out)") }
                isSilenced = true
                return
            }
        }
        lines.append(line)
    }
}
