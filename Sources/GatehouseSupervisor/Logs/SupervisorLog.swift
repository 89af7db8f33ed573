import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The lines of the supervisor, its workers and its programs, in one format: time, level, source, text. No write waits
/// for a reader: see `LineOutput`.
final class SupervisorLog {
    /// The levels that the supervisor itself uses; a line's second field.
    enum Level: String {
        case info, notice, warning, error
    }

    private var place = LogPlace.standardError
    private var file: LogFile?
    private var output: LineOutput?
    /// Gets the lines in place of standard error, in tests.
    private let sayElsewhere: ((String) -> Void)?
    /// Bytes written in this minute by each degraded pool.
    private var budgets: [String: Budget] = [:]

    private struct Budget {
        var minute: Int
        var bytes = 0
        var dropped = 0
    }

    /// The most bytes that workers of a degraded pool may write in a minute.
    private static let degradedBytes = 512 << 10
    /// The most bytes that are kept for a reader that pauses; a pipe holds as much again.
    private static let keptBytes = 256 << 10

    /// - Parameter say: gets the lines that would go to standard error.
    init(say: ((String) -> Void)? = nil) { sayElsewhere = say }

    func use(_ new: LogPlace) throws(OperatorError) {
        if new == place, file != nil || sayElsewhere != nil { return }
        if new == .standardError, sayElsewhere != nil {
            (file, output, place) = (nil, nil, new)
            return
        }
        take(try LogFile(new))
        place = new
    }

    func reopen() throws(OperatorError) {
        guard let file else { return }
        output?.flush()
        try file.reopen()
        output?.use(file.descriptor)
    }

    private func take(_ new: LogFile) {
        // Lines that the old file has not taken go to the new one.
        output?.flush()
        file = new
        if output != nil {
            output?.use(new.descriptor)
        } else {
            output = LineOutput(descriptor: new.descriptor, capacity: Self.keptBytes) { lost in
                Self.line(.warning, "gatehouse:", "\(lost) lines of the log were lost here: nobody has read them")
            }
        }
    }

    /// The descriptor whose room is waited for; `nil` if no line waits.
    var waitingDescriptor: Int32? {
        guard let output, output.isWaiting else { return nil }
        return output.descriptor
    }

    /// Writes lines that wait for room.
    func flush() { output?.flush() }

    /// Gives up lines that wait, before another program takes this one's place.
    /// - Returns: how many lines the log misses.
    func giveUp() -> Int {
        output?.flush()
        output?.giveUp()
        return output?.takeLost() ?? 0
    }

    func sayLost(_ lines: Int) {
        if lines > 0 { say("\(lines) lines of the log were lost here: nobody has read them", .warning) }
    }

    /// A line of the supervisor's own.
    func say(_ text: String, _ level: Level = .notice) { write(Self.line(level, "gatehouse:", text)) }

    /// A line that a worker or a program wrote.
    /// - Parameter isProgram: whether the process does not know our format, whatever its lines look like.
    func pass(
        _ line: String, from pid: Int32, of pool: String, isProgram: Bool = false, isDegraded: Bool, now: Int
    ) {
        let text = !isProgram && Self.isRecord(line) ? line : Self.line(.info, "\(pool)[\(pid)]:", line)
        if isDegraded {
            var budget = budgets[pool] ?? Budget(minute: now / 60_000)
            if budget.minute != now / 60_000 {
                if budget.dropped > 0 {
                    say("pool \(pool): \(budget.dropped) lines of its crashing workers were left out", .warning)
                }
                budget = Budget(minute: now / 60_000)
            }
            budget.bytes += text.utf8.count
            if budget.bytes > Self.degradedBytes { budget.dropped += 1 }
            budgets[pool] = budget
            if budget.bytes > Self.degradedBytes { return }
        }
        write(text)
    }

    private func write(_ line: String) {
        if output == nil, let sayElsewhere { return sayElsewhere(line) }
        // Before the configuration has been applied, or if its log cannot be opened.
        if output == nil, let file = try? LogFile(.standardError) { take(file) }
        output?.add(Array((line + "\n").utf8))
    }

    private static func line(_ level: Level, _ who: String, _ text: String) -> String {
        "\(UTCTime.now().textWithMilliseconds) \(level.rawValue) \(who) \(text)"
    }

    private static let levels: Set<Substring> = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

    /// Whether our own log handler has written a line: `2026-11-24T10:00:00.123Z info Blog …`
    private static func isRecord(_ line: String) -> Bool {
        let start = Array(line.utf8.prefix(25))
        guard start.count == 25, start[4] == UInt8(ascii: "-"), start[10] == UInt8(ascii: "T"),
            start[23] == UInt8(ascii: "Z"), start[24] == UInt8(ascii: " "),
            start[..<4].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return false }
        let words = line.dropFirst(25).split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        return words.count == 2 && levels.contains(words[0])
    }
}

/// A text from a worker, made fit for a terminal and a log, and cut if it is longer than a message should be.
func printable(_ text: String, atMost limit: Int = 4_000) -> String {
    text.printable(atMost: limit)
}
