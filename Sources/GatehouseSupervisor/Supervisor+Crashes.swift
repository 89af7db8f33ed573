import GatehouseConfiguration
import GatehouseControl
internal import GatehousePlan
internal import Glibc

/// Workers that have crashed: what is said of it and written down. Where in the source it was is found out by a process
/// of its own, which nothing but the report waits for.
extension Supervisor {
    /// What waits for a crash to be explained.
    struct Unexplained {
        var locator: CrashLocator
        var then: (CrashExplanation) -> Void
    }

    /// More crashes at a time are reported without: a machine on which everything crashes has other worries.
    private static let mostUnexplained = 4

    /// - Returns: whether `then` will be called.
    func explain(
        _ worker: WorkerProcess, _ host: PoolProcesses, then: @escaping (CrashExplanation) -> Void
    ) -> Bool {
        guard unexplained.count < Self.mostUnexplained, let pool = host.configurations[worker.generation],
            let locator = CrashLocator(
                program: options.program, worker: worker, copies: host.copies[worker.generation],
                settings: pool.process, now: Clock.now())
        else { return false }
        unexplained.append(Unexplained(locator: locator, then: then))
        return true
    }

    func explained(_ locator: CrashLocator) {
        guard let index = unexplained.firstIndex(where: { $0.locator === locator }) else { return }
        let done = unexplained.remove(at: index)
        done.then(locator.finish())
    }

    /// Nobody will be here to write the reports.
    func explainAtOnce() {
        for one in unexplained {
            one.locator.giveUp()
            explained(one.locator)
        }
    }

    // MARK: Reports

    /// - Returns: the request that is to blame.
    func reportCrash(
        _ worker: WorkerProcess, _ end: WorkerEnd, _ during: String, _ host: PoolProcesses
    ) -> RequestStatus? {
        var report = CrashReport(pool: host.name, worker: worker, end: end, during: during)
        report.explanation = worker.explanation
        report.modules = Set(host.configurations[worker.generation]?.modules.map(\.plan.path) ?? []).sorted()
        for line in report.lines { say(line, host, .error) }
        host.lastCrash = report.summary
        if worker.explanation != nil {
            for line in report.explanation?.loggedLines ?? [] { say(line, host, .error) }
            keep(report, host)
            return report.culprit
        }
        let culprit = report.culprit
        let isToCome = explain(worker, host) { [self] explanation in
            report.explanation = explanation
            // The pool may have had another crash since.
            if host.lastCrash?.contains("(pid \(worker.pid))") == true { host.lastCrash = report.summary }
            if let why = report.why, explanation.summary != nil {
                say("worker \(worker.number) (pid \(worker.pid)) crashed: \(why)", host, .error)
            }
            for line in explanation.loggedLines { say(line, host, .error) }
            keep(report, host)
        }
        if !isToCome { keep(report, host) }
        return culprit
    }

    private func keep(_ report: CrashReport, _ host: PoolProcesses) {
        do throws(SupervisorError) {
            guard let folder = try reportFolder() else { return }
            say("the report of worker \(report.worker.number)'s end is \(try report.write(to: folder))", host)
        } catch {
            say(error.message, host, .error)
        }
    }

    /// The state folder; without a configuration that could name one, the place where somebody who tries a module has
    /// such things.
    private func reportFolder() throws(SupervisorError) -> String? {
        if let folder = configuration.settings.stateFolder { return folder }
        guard options.reload == nil else { return nil }
        func variable(_ name: String) -> String? {
            getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        let home = variable("XDG_STATE_HOME") ?? variable("HOME").map { $0 + "/.local/state" }
        if let home, let folder = Self.makeFolder(home + "/gatehouse") { return folder }
        var template = Array(((variable("TMPDIR") ?? "/tmp") + "/gatehouse-XXXXXX").utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let made else { throw SupervisorError("no folder for the report: \(systemError())", .inputOutput) }
        configuration.settings.stateFolder = made
        return made
    }

    /// With the folders above it; `nil` where it cannot be made or written.
    private static func makeFolder(_ path: String) -> String? {
        var reached = ""
        for part in path.split(separator: "/") {
            reached += "/" + part
            guard mkdir(reached, 0o700) == 0 || errno == EEXIST || access(reached, X_OK) == 0 else { return nil }
        }
        return access(path, W_OK | X_OK) == 0 ? path : nil
    }
}
