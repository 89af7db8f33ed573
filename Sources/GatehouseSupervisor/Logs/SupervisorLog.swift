internal import Glibc

/// What the supervisor and its workers say, to standard error or to a file.
final class SupervisorLog {
    private var file: LogFile?
    /// Prints a line to standard error.
    private let sayAloud: (String) -> Void
    /// What has been written in this minute while a pool is degraded.
    private var budgets: [String: Budget] = [:]

    private struct Budget {
        var minute: Int
        var bytes = 0
        var dropped = 0
    }

    /// What workers of a pool that keeps crashing may write in a minute (row E2).
    private static let degradedBytes = 512 << 10

    /// - Parameter say: prints a line to standard error.
    init(say: @escaping (String) -> Void) { sayAloud = say }

    func use(file path: String?) throws(SupervisorError) {
        guard let path else {
            file = nil
            return
        }
        if file?.path == path { return }
        file = try LogFile(path: path)
    }

    func reopen() throws(SupervisorError) { try file?.reopen() }

    /// A line of the supervisor's own.
    func say(_ line: String) {
        guard let file else { return sayAloud("gatehouse: \(line)") }
        write("\(Self.timestamp()) gatehouse: \(line)\n", to: file)
    }

    /// A line that a worker wrote.
    func pass(_ line: String, from pid: Int32, of pool: String, isDegraded: Bool, now: Int) {
        // Our own log handler's lines begin with the time and name their module.
        let text = Self.beginsWithTime(line) ? line : "\(pool)[\(pid)]: \(line)"
        if isDegraded {
            var budget = budgets[pool] ?? Budget(minute: now / 60_000)
            if budget.minute != now / 60_000 {
                if budget.dropped > 0 {
                    say("pool \(pool): \(budget.dropped) lines of its crashing workers were left out")
                }
                budget = Budget(minute: now / 60_000)
            }
            budget.bytes += text.utf8.count
            if budget.bytes > Self.degradedBytes { budget.dropped += 1 }
            budgets[pool] = budget
            if budget.bytes > Self.degradedBytes { return }
        }
        guard let file else { return sayAloud(text) }
        write(text + "\n", to: file)
    }

    private func write(_ text: String, to file: LogFile) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(file.descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                // The disk is full, perhaps: serving goes on.
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    /// `2026-11-24T10:00:00.123Z `
    private static func beginsWithTime(_ line: String) -> Bool {
        let start = Array(line.utf8.prefix(25))
        return start.count == 25 && start[4] == UInt8(ascii: "-") && start[10] == UInt8(ascii: "T")
            && start[23] == UInt8(ascii: "Z") && start[24] == UInt8(ascii: " ")
            && start[..<4].allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// The time of day in UTC, as RFC 3339 writes it.
    static func timestamp() -> String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
