internal import GatehouseConfiguration
import GatehousePlan
import Glibc

/// Ends of workers: whether each was a fault, and what follows from it.
extension PoolStateMachine {
    mutating func spawnFailed(_ number: Int, _ message: String, _ status: Int32, _ now: Int) -> [PoolCommand] {
        guard let index = index(of: number) else { return [] }
        let worker = workers.remove(at: index)
        countFault(worker, now)
        let commands = failedToServe(worker, message, status, now)
        gone(number)
        return commands
    }

    mutating func ended(_ number: Int, _ end: WorkerEnd, why: String?, _ now: Int) -> [PoolCommand] {
        guard let index = index(of: number) else { return [] }
        let worker = workers.remove(at: index)
        var commands: [PoolCommand] = []
        switch worker.state {
        case .failed(let message, let status):
            if worker.servesSince != nil, case .killed(let signal) = end, signal != SIGKILL {
                crashes += 1
                commands.append(.reportCrash(worker: number, end, during: "while it served"))
            }
            commands += failedToServe(worker, message, status, now)
        case .starting, .loading, .waiting:
            let (message, status) = earlyEnd(worker, end, why)
            if case .killed = end, !worker.rules.isProgram {
                commands.append(.reportCrash(worker: number, end, during: "before it was ready"))
            }
            countFault(worker, now)
            commands += failedToServe(worker, message, status, hasLeftWell: end == .exited(status: 0), now)
        case .serving:
            crashes += 1
            if isFault(worker, end, now) { countFault(worker, now) }
            commands.append(.reportCrash(worker: number, end, during: "while it served"))
            commands += rollBack(worker, end, now)
        case .draining where end != .exited(status: 0) && !isOurSignal(end, of: worker):
            commands.append(.reportCrash(worker: number, end, during: "while it drained"))
        case .tracing:
            crashes += 1
            commands.append(.reportCrash(worker: number, end, during: "while it did not answer"))
        case .killed, .draining: break
        }
        gone(number)
        return commands + fill(now)
    }

    /// A program that a reload promoted has died by its own fault during its probation: the previous generation is
    /// tried again. The dead program is replaced by another of its generation only if others serve beside it, or if the
    /// rollback fails.
    private mutating func rollBack(_ worker: SupervisedWorker, _ end: WorkerEnd, _ now: Int) -> [PoolCommand] {
        guard let before = fallback, worker.generation == generation, now < before.until, phase == .running,
            candidate == nil, end != .killed(signal: SIGKILL), end != .exited(status: 0)
        else { return [] }
        fallback = nil
        let (how, status) =
            switch end {
            case .exited(let status): ("left with status \(status)", status)
            case .killed(let signal): ("was killed by \(SignalName.describe(signal))", ExitStatus.workerDied.rawValue)
            }
        let seconds = (now - (worker.servesSince ?? now)) / 1_000
        let message =
            "the new program \(how) \(seconds) s after it had answered: the previous generation is started again"
        let wasReloading = switchDeadline != nil
        switchDeadline = nil
        let count = max(1, before.rules.count.least)
        report(.rolledBack(message: message))
        if wasReloading { report(.rejected(message: message, exitStatus: status)) }
        return tryAnew(before.rules, like: before.generation, purpose: .rollback, count: count, now)
    }

    private mutating func gone(_ number: Int) {
        // Its successor has no worker to wait for.
        for other in workers.indices where workers[other].successorOf == number { workers[other].successorOf = nil }
        stopIfEmpty()
    }

    /// A worker has ended before it served.
    private mutating func failedToServe(
        _ worker: SupervisedWorker, _ message: String, _ status: Int32, hasLeftWell: Bool = false, _ now: Int
    ) -> [PoolCommand] {
        if let candidate, worker.generation == candidate.generation { return rejectCandidate(message, status, now) }
        // Once the pool has served, a program may exit with status 0 by a rule of its own, however early.
        let isItsRight = worker.rules.isProgram && hasLeftWell && phase == .running
        if serving.isEmpty, !isItsRight { startFailure = message }
        switch phase {
        case .starting: return giveUpFirst(message, status, now)
        case .stopping, .stopped: return []
        case .running, .failed, .drained: return [.say(message)]
        }
    }

    /// A worker of the first generation has failed, so none of that generation serves. The missing resource may still
    /// come (a database, a socket that another process holds), so the pool is tried again.
    private mutating func giveUpFirst(_ message: String, _ status: Int32, _ now: Int) -> [PoolCommand] {
        enter(.failed)
        respawns.holdBack(until: now + Self.retryTime)
        report(.failedToStart(message: message, exitStatus: status))
        return workers.indices.flatMap { kill($0) }
    }

    mutating func setUpFailed(_ message: String, _ status: Int32, _ now: Int) -> [PoolCommand] {
        // A pool on demand is tried as well: its sockets are opened when a worker is started.
        wanted = max(1, wanted)
        respawns.faultHappened(now: now)
        (lastFault, startFailure) = (now, message)
        return giveUpFirst(message, status, now)
    }

    private func earlyEnd(_ worker: SupervisedWorker, _ end: WorkerEnd, _ why: String?) -> (String, Int32) {
        switch (worker.state, end) {
        case (.loading(let path), .exited(let status)):
            return (
                "module \(printable(path)): its init ended the process with status \(status)",
                ExitStatus.moduleInitTrapped.rawValue
            )
        case (.loading(let path), .killed(let signal)):
            return (
                "module \(printable(path)): its init ended the process by \(SignalName.describe(signal)): "
                    + (why ?? "its reason is not known; the log has its output, the report (\"state\") its backtrace"),
                ExitStatus.moduleInitTrapped.rawValue
            )
        case (_, .exited(let status)):
            return (
                "worker \(worker.number) left with status \(status) before it was ready; the log has its output",
                status == 0 ? ExitStatus.internal.rawValue : status
            )
        case (_, .killed(let signal)):
            return (
                "worker \(worker.number) was killed before it was ready by \(SignalName.describe(signal))"
                    + (why.map { ": \($0)" } ?? ""),
                ExitStatus.workerDied.rawValue
            )
        }
    }

    /// Whether the worker ended by its own doing. SIGKILL comes from outside, and the next worker may fare better; a
    /// program may leave with status 0, unless it does so as soon as it has started.
    private func isFault(_ worker: SupervisedWorker, _ end: WorkerEnd, _ now: Int) -> Bool {
        switch end {
        case .killed(SIGKILL): false
        case .killed: true
        case .exited(let status): status != 0 || now - (worker.servesSince ?? now) < 1_000
        }
    }

    private func isOurSignal(_ end: WorkerEnd, of worker: SupervisedWorker) -> Bool {
        switch end {
        case .killed(SIGTERM), .killed(SIGINT), .killed(SIGKILL): true
        case .killed(let signal): signal == worker.rules.stopSignal
        case .exited: false
        }
    }
}
