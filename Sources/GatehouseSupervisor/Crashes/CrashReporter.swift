internal import GatehouseConfiguration
import GatehouseControl
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Logs crashes of workers and writes reports of them. A separate process finds the place in the source; only the
/// report's file waits for it.
final class CrashReporter {
    /// A crash that is being explained.
    private struct Unexplained {
        var locator: CrashLocator
        var then: (CrashExplanation) -> Void
    }

    private var unexplained: [Unexplained] = []
    private let program: String
    private let stateFolder: () -> String?
    /// Whether reports go to the user's own folder if there is no state folder.
    private let usesHome: Bool
    private var homeFolder: String?
    private let say: (String, PoolProcesses, SupervisorLog.Level) -> Void

    /// More crashes at a time are reported without an explanation: a machine on which everything crashes is busy
    /// enough.
    private static let mostUnexplained = 4

    /// - Parameters:
    ///   - program: the path of `gatehouse`, which finds places in the source.
    ///   - stateFolder: the folder for reports that the configuration names; `nil` if it names none.
    ///   - usesHome: whether reports go to the user's own folder, as they do if a user tries a module without a
    ///     configuration.
    init(
        program: String, stateFolder: @escaping () -> String?, usesHome: Bool,
        say: @escaping (String, PoolProcesses, SupervisorLog.Level) -> Void
    ) {
        self.program = program
        self.stateFolder = stateFolder
        self.usesHome = usesHome
        self.say = say
    }

    // MARK: Explanations

    /// - Returns: whether `then` will be called.
    func explain(_ worker: WorkerProcess, _ processes: PoolProcesses, then: @escaping (CrashExplanation) -> Void)
        -> Bool
    {
        guard unexplained.count < Self.mostUnexplained, let pool = processes.configurations[worker.generation],
            let locator = CrashLocator(
                program: program, worker: worker, copies: processes.copies[worker.generation], settings: pool.process,
                now: MonotonicClock.milliseconds())
        else { return false }
        unexplained.append(Unexplained(locator: locator, then: then))
        return true
    }

    /// The processes whose ends ``finish(_:)`` waits for.
    var locators: [CrashLocator] { unexplained.map(\.locator) }

    var isIdle: Bool { unexplained.isEmpty }

    func isExplaining(_ child: pid_t) -> Bool { unexplained.contains { $0.locator.pid == child } }

    func finish(_ locator: CrashLocator) {
        guard let index = unexplained.firstIndex(where: { $0.locator === locator }) else { return }
        let done = unexplained.remove(at: index)
        done.then(locator.finish())
    }

    /// Ends all explanations: the supervisor is about to be replaced, and could not write the reports.
    func finishAll() {
        for locator in locators {
            locator.giveUp()
            finish(locator)
        }
    }

    /// The next time at which `clockAdvanced` has something to do, in milliseconds of the monotonic clock.
    var deadline: Int? { unexplained.compactMap(\.locator.deadline).min() }

    func clockAdvanced(_ now: Int) {
        for locator in locators { if let due = locator.deadline, due <= now { locator.giveUp() } }
    }

    // MARK: Reports

    /// - Returns: the request that is to blame.
    func report(_ worker: WorkerProcess, _ end: WorkerEnd, _ during: String, _ processes: PoolProcesses)
        -> RequestStatus?
    {
        var report = CrashReport(pool: processes.name, worker: worker, end: end, during: during)
        report.explanation = worker.explanation
        report.modules = Set(processes.configurations[worker.generation]?.modules.map(\.plan.path) ?? []).sorted()
        for line in report.lines { say(line, processes, .error) }
        processes.lastCrash = report.summary
        if worker.explanation != nil {
            for line in report.explanation?.loggedLines ?? [] { say(line, processes, .error) }
            keep(report, processes)
            return report.culprit
        }
        let culprit = report.culprit
        let isToCome = explain(worker, processes) { [self] explanation in
            report.explanation = explanation
            // The pool may have had another crash since.
            if processes.lastCrash?.contains("(pid \(worker.pid))") == true { processes.lastCrash = report.summary }
            if let why = report.why, explanation.summary != nil {
                say("worker \(worker.number) (pid \(worker.pid)) crashed: \(why)", processes, .error)
            }
            for line in explanation.loggedLines { say(line, processes, .error) }
            keep(report, processes)
        }
        if !isToCome { keep(report, processes) }
        return culprit
    }

    private func keep(_ report: CrashReport, _ processes: PoolProcesses) {
        do throws(OperatorError) {
            guard let folder = try folder() else { return }
            say(
                "the report of worker \(report.worker.number)'s end is \(try report.write(to: folder))", processes,
                .notice)
        } catch {
            say(error.message, processes, .error)
        }
    }

    // MARK: The folder

    /// The folder for what must outlive this process, which need not exist; `nil` if there is none.
    var lastingFolder: String? { stateFolder() ?? (usesHome ? Self.lastingHomeFolder : nil) }

    private func folder() throws(OperatorError) -> String? {
        if let folder = stateFolder() ?? homeFolder { return folder }
        guard usesHome else { return nil }
        homeFolder = try Self.makeHomeFolder()
        return homeFolder
    }

    private static func variable(_ name: String) -> String? {
        ProcessEnvironment.value(of: name).flatMap { $0.hasPrefix("/") ? $0 : nil }
    }

    /// The folder by the XDG Base Directory Specification, which need not exist.
    static var lastingHomeFolder: String? {
        (variable("XDG_STATE_HOME") ?? variable("HOME").map { $0 + "/.local/state" }).map { $0 + "/gatehouse" }
    }

    /// Makes that folder, or else one for temporary files.
    private static func makeHomeFolder() throws(OperatorError) -> String {
        if let folder = lastingHomeFolder, let made = makeFolder(folder) { return made }
        var template = Array(((variable("TMPDIR") ?? "/tmp") + "/gatehouse-XXXXXX").utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let made else {
            throw OperatorError("no folder for the report: \(SystemError.text())", .inputOutput)
        }
        return made
    }

    /// Makes a folder with those above it; `nil` if it cannot be made or written to.
    private static func makeFolder(_ path: String) -> String? {
        var reached = ""
        for part in path.split(separator: "/") {
            reached += "/" + part
            guard mkdir(reached, 0o700) == 0 || errno == EEXIST || access(reached, X_OK) == 0 else { return nil }
        }
        return access(path, W_OK | X_OK) == 0 ? path : nil
    }
}
