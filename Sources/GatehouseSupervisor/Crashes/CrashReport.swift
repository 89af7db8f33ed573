internal import CGatehouseSystem
import GatehouseControl
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Everything known about the end of a worker that should not have ended.
struct CrashReport {
    let pool: String
    let worker: WorkerProcess
    let end: WorkerEnd
    /// `while it served`
    let during: String
    /// The request whose code crashed, if that is known.
    let culprit: RequestStatus?
    let inFlight: [RequestStatus]
    let backtrace: [String]
    /// Reason and place in the source, if they were found.
    var explanation: CrashExplanation?
    /// The files of the modules that it had loaded.
    var modules: [String] = []

    private static let longestBacktrace = 65_536

    init(pool: String, worker: WorkerProcess, end: WorkerEnd, during: String) {
        self.pool = pool
        self.worker = worker
        self.end = end
        self.during = during
        let now = Int(MonotonicClock.nanoseconds())
        inFlight = worker.scoreboard?.requestsInFlight(now: now) ?? []
        let crash = worker.scoreboard?.crash(now: now)
        // The only request in flight is to blame, on whichever thread its code ran.
        culprit = crash?.request ?? (crash != nil && inFlight.count == 1 ? inFlight[0] : nil)
        backtrace = Self.read(worker.crashFile)
    }

    /// Names stay as the worker wrote them: a hostile one makes Swift's demangler write gigabytes, and `swift demangle`
    /// is at hand.
    private static func read(_ file: Int32) -> [String] {
        guard file >= 0 else { return [] }
        let bytes = (try? Descriptor.read(file, at: 0, upTo: longestBacktrace)) ?? []
        return bytes.split(separator: UInt8(ascii: "\n")).map {
            printable(String(decoding: $0, as: UTF8.self))
        }
    }

    /// The message that Swift writes to standard error before it traps.
    var fatalError: String? {
        worker.lastLines.last { $0.contains("Fatal error") || $0.contains("fatal error") }
    }

    /// The reason as far as it is known, for one line.
    var why: String? {
        guard let fatalError else { return explanation?.summary }
        return fatalError + (explanation?.place.map { ", \($0)" } ?? "")
    }

    private var howItEnded: String {
        switch end {
        case .exited(let status): "left with status \(status)"
        case .killed(let signal): "was killed by \(SignalName.describe(signal))"
        }
    }

    /// One line: `worker 3 (pid 4711) was killed while it served by signal 4, ...: Fatal error: ...; GET /crash`.
    var summary: String {
        var line = "worker \(worker.number) (pid \(worker.pid)) \(howItEnded) \(during)"
        if let why { line += ": \(why)" }
        if let culprit { line += "; it was at \(Self.describe(culprit))" }
        return line
    }

    /// Lines for the log: the summary, and the requests that were lost with the worker.
    var lines: [String] {
        let others = inFlight.filter { $0 != culprit }
        return [summary] + others.prefix(20).map { "worker \(worker.number) also had \(Self.describe($0))" }
            + (others.count > 20 ? ["worker \(worker.number) had \(others.count - 20) more requests"] : [])
    }

    private static func describe(_ request: RequestStatus) -> String {
        "\(request.method) \(request.path) [\(request.id)], module \(request.module), \(request.state) for "
            + "\(request.duration) ms"
    }

    private var text: String {
        var text = "Gatehouse crash report\n\ntime: \(UTCTime.now().text)\npool: \(pool)\n"
        text += "worker: \(worker.number), pid \(worker.pid), generation \(worker.generation)\n\(summary)\n"
        text += "\nrequests in flight:\n"
        text += inFlight.isEmpty ? "  none\n" : inFlight.map { "  \(Self.describe($0))\n" }.joined()
        text += "\nbacktrace of the thread that crashed:\n"
        text += backtrace.isEmpty ? "  none\n" : backtrace.map { "  \($0)\n" }.joined()
        if let calls = explanation?.calls, !calls.isEmpty {
            text += "\nin the source, innermost call first:\n" + calls.map { "  \($0)\n" }.joined()
        }
        if !backtrace.isEmpty, explanation?.place == nil {
            text += "\nno line of a module's source is known: that takes llvm-symbolizer (package llvm) or addr2line "
            text +=
                "(package binutils) in PATH, and a module with line tables, as gatehouse build makes it. Afterwards: "
            text += "llvm-symbolizer --obj=MODULE 0xOFFSET, for one of\n" + modules.map { "  \($0)\n" }.joined()
        }
        text += "\nits last output:\n" + worker.lastLines.map { "  \($0)\n" }.joined()
        return text
    }

    // MARK: The file

    /// The most reports that are kept: a crash loop must not fill the disk.
    private static let mostFiles = 200

    /// - Returns: the report's path.
    func write(to folder: String) throws(OperatorError) -> String {
        let time = UTCTime.now().text.replacing(":", with: "").replacing("-", with: "")
        let path = "\(folder)/crash-\(time)-\(pool)-\(worker.pid).txt"
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { throw OperatorError("cannot write \(path): \(SystemError.text())", .inputOutput) }
        defer { close(file) }
        // The umask must not take the group's permission away.
        fchmod(file, 0o640)
        do throws(SystemError) { try Descriptor.writeAll(text.utf8, to: file) } catch {
            throw OperatorError("cannot write \(path): \(error.reason)", .inputOutput)
        }
        Self.removeOldest(in: folder)
        return path
    }

    private static func removeOldest(in folder: String) {
        guard let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            // Their names begin with the time, so that they sort by age.
            if name.hasPrefix("crash-"), name.hasSuffix(".txt") { names.append(name) }
        }
        for name in names.sorted().dropLast(mostFiles) { unlink("\(folder)/\(name)") }
    }
}
