internal import GatehouseConfiguration
import GatehousePlan
import Glibc

/// Workers that have ended: what that was, and what follows from it.
extension PoolStateMachine {
    mutating func spawnFailed(_ number: Int, _ message: String, _ status: Int32, _ now: Int) -> [PoolAction] {
        guard let index = index(of: number) else { return [] }
        let worker = workers.remove(at: index)
        countFault(worker, now)
        return failedToServe(worker, message, status, now) + gone(number)
    }

    mutating func ended(_ number: Int, _ end: WorkerEnd, why: String?, _ now: Int) -> [PoolAction] {
        guard let index = index(of: number) else { return [] }
        let worker = workers.remove(at: index)
        var actions: [PoolAction] = []
        switch worker.state {
        case .failed(let message, let status):
            if worker.servesSince != nil, case .killed(let signal) = end, signal != SIGKILL {
                crashes += 1
                actions.append(.reportCrash(worker: number, end, during: "while it served"))
            }
            actions += failedToServe(worker, message, status, now)
        case .starting, .loading, .waiting:
            let (message, status) = earlyEnd(worker, end, why)
            if case .killed = end, !worker.rules.isProgram {
                actions.append(.reportCrash(worker: number, end, during: "before it was ready"))
            }
            countFault(worker, now)
            actions += failedToServe(worker, message, status, hasLeftWell: end == .exited(status: 0), now)
        case .serving:
            crashes += 1
            if isFault(worker, end, now) { countFault(worker, now) }
            actions.append(.reportCrash(worker: number, end, during: "while it served"))
            actions += rollBack(worker, end, now)
        case .draining where end != .exited(status: 0) && !isOurSignal(end, of: worker):
            actions.append(.reportCrash(worker: number, end, during: "while it drained"))
        case .tracing:
            crashes += 1
            actions.append(.reportCrash(worker: number, end, during: "while it did not answer"))
        case .killed, .draining: break
        }
        return actions + gone(number) + fill(now)
    }

    /// A program that a reload has brought dies by its own fault while it is on probation. Its successors are started
    /// if others serve beside it, or if what was before does not start any more.
    private mutating func rollBack(_ worker: SupervisedWorker, _ end: WorkerEnd, _ now: Int) -> [PoolAction] {
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
            "the new program \(how) \(seconds) s after it had answered: what served before is started again"
        let wasReloading = switchDeadline != nil
        switchDeadline = nil
        let count = max(1, before.rules.count.least)
        return [.tellRollback(message: message)]
            + tryAnew(before.rules, like: before.generation, purpose: .rollback, count: count, now)
            + (wasReloading ? [.replacementFailed(message: message, exitStatus: status)] : [])
    }

    private mutating func gone(_ number: Int) -> [PoolAction] {
        // Its successor has nobody to wait for.
        for other in workers.indices where workers[other].successorOf == number { workers[other].successorOf = nil }
        guard phase == .stopping, workers.isEmpty else { return [] }
        phase = .stopped
        return [.stopped]
    }

    /// A worker has ended before it served.
    private mutating func failedToServe(
        _ worker: SupervisedWorker, _ message: String, _ status: Int32, hasLeftWell: Bool = false, _ now: Int
    ) -> [PoolAction] {
        if let candidate, worker.generation == candidate.generation { return giveUpCandidate(message, status, now) }
        // A program that has served before may leave by its own rule, however soon that comes.
        let isItsRight = worker.rules.isProgram && hasLeftWell && phase == .running
        if serving.isEmpty, !isItsRight { startFailure = message }
        switch phase {
        case .starting: return giveUpFirst(message, status, now)
        case .stopping, .stopped: return []
        case .running, .failed, .drained: return [.say(message)]
        }
    }

    /// One of the first generation has failed: none of it serves. What is missing may come (a database, a socket that
    /// another process still has), so it is tried again.
    private mutating func giveUpFirst(_ message: String, _ status: Int32, _ now: Int) -> [PoolAction] {
        phase = .failed
        respawns.holdBack(until: now + Self.retryTime)
        return workers.indices.flatMap { kill($0) } + [.failedToStart(message: message, exitStatus: status)]
    }

    mutating func setUpFailed(_ message: String, _ status: Int32, _ now: Int) -> [PoolAction] {
        // A pool on demand, too, is tried: that is how its sockets are opened at last.
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
                    + (why ?? "its reason is not known; the log has what it wrote, the report (\"state\") its backtrace"),
                ExitStatus.moduleInitTrapped.rawValue
            )
        case (_, .exited(let status)):
            return (
                "worker \(worker.number) left with status \(status) before it was ready; the log has what it wrote",
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

    /// Whether it ended by its own doing. SIGKILL comes from outside, and the next worker may fare better; leaving with
    /// status 0 is a program's right, unless it does so as soon as it has started.
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
