internal import GatehouseSystem
internal import Glibc

/// A worker's standard output and error, line by line. The last lines are kept for the report of a crash.
struct WorkerOutput {
    /// The longest line that our own log handler writes.
    private static let longestLine = 8_192
    private static let kept = 40
    /// The most bytes before a worker is ready: it has little to say then, and a module that fails in a loop must not
    /// fill the disk.
    private static let beforeReady = 32_768

    /// More bytes than a pipe holds: any that follow come from a process that the worker left behind.
    private static let mostAtTheEnd = 1 << 20

    private var framer = LineFramer(longest: longestLine)
    private(set) var lastLines: [String] = []
    private var bytes = 0
    private var isSilenced = false

    /// Reads everything that there is.
    /// - Returns: the lines for the log, and whether more may come.
    mutating func read(_ descriptor: Int32, isReady: Bool, all: Bool) -> (lines: [String], isOpen: Bool) {
        var lines: [String] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var left = all ? Self.mostAtTheEnd : 1
        while left > 0 {
            let count = retryingOnInterruption { Glibc.read(descriptor, &buffer, buffer.count) }
            if count < 0, errno == EAGAIN { break }
            guard count > 0 else {
                if let rest = framer.rest() { add(rest, isReady, to: &lines) }
                return (lines, false)
            }
            left -= count
            framer.receive(buffer[..<count])
            while let line = framer.next() { add(line.bytes, isReady, to: &lines) }
        }
        if all, let rest = framer.rest() { add(rest, isReady, to: &lines) }
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
