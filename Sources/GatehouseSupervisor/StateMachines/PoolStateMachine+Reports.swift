import GatehousePlan
import Glibc

/// Messages of workers, up to the end of their control channel.
extension PoolStateMachine {
    mutating func reported(_ number: Int, _ report: WorkerReport, _ now: Int) -> [PoolCommand] {
        guard let index = index(of: number), !workers[index].hasClosedControlChannel else { return [] }
        switch (workers[index].state, report) {
        case (.starting, .loading(let path)) where workers[index].loads < workers[index].rules.modules:
            workers[index].become(.loading(path: path))
            workers[index].loads += 1
            workers[index].deadline = after(workers[index].rules.loadTime, now)
        case (.loading(let path), .loaded(let loaded, _, _)) where loaded == path:
            workers[index].become(.starting)
            // The next module's time begins with its own report; after the last one the worker has yet to become ready.
            guard workers[index].loads == workers[index].rules.modules else { break }
            workers[index].deadline = after(workers[index].rules.loadTime, now)
        case (.starting, .failed(_, let message, let status)), (.loading, .failed(_, let message, let status)),
            (.waiting, .failed(_, let message, let status)), (.serving, .failed(_, let message, let status)):
            let status = (1...255).contains(status) ? status : ExitStatus.internal.rawValue
            fail(index, printable(message), status, now)
        case (.starting, .ready), (.loading, .ready):
            return becameReady(index, now)
        case (.serving, .draining):
            // On its own: one of its module's services has ended, or it was sent SIGTERM.
            workers[index].become(.draining)
            workers[index].hasStoppedAccepting = true
            workers[index].deadline = drainDeadline(workers[index], now)
            // A worker that does so as soon as it serves would be replaced without end.
            if now - (workers[index].servesSince ?? now) < RespawnLimit.calm { countFault(workers[index], now) }
            return fill(now)
        case (.serving, .requestsLeft(let left)):
            return requestsLeft(left, index, now)
        case (_, .probed(let answered)):
            workers[index].answered(probe: answered)
        case (.tracing, .traced):
            return kill(index)
        case (.draining, .draining):
            workers[index].hasStoppedAccepting = true
        // Figures, which are kept beside the worker's other ones.
        case (_, .databases), (_, .jobs): break
        case (_, .traced), (.failed, _), (.killed, _), (.draining, _), (.tracing, _): break
        case (.starting, .loading), (.starting, .loaded), (.starting, .draining), (.starting, .requestsLeft),
            (.starting, .migration), (.loading, .loading), (.loading, .loaded), (.loading, .draining),
            (.loading, .requestsLeft), (.loading, .migration), (.waiting, _), (.serving, _):
            return malformedReport(number, now)
        }
        return []
    }

    /// A program answers.
    mutating func answered(_ number: Int, _ now: Int) -> [PoolCommand] {
        guard let index = index(of: number), workers[index].awaitsAnswer else { return [] }
        return becameReady(index, now)
    }

    mutating func refused(_ number: Int, _ reason: String) -> [PoolCommand] {
        if let index = index(of: number) { workers[index].refusal = reason }
        return []
    }

    /// The worker has loaded its modules or, being a program, has answered or lived for a while.
    mutating func becameReady(_ index: Int, _ now: Int) -> [PoolCommand] {
        workers[index].deadline = nil
        let worker = workers[index]
        recycling.startTime = now - worker.startedAt
        if let candidate, worker.generation == candidate.generation {
            workers[index].become(.waiting)
            let ready = workers.filter {
                $0.generation == candidate.generation && $0.state == .waiting && !$0.hasClosedControlChannel
            }
            return ready.count == candidate.count ? promoteCandidate(now) : []
        }
        if phase == .starting {
            workers[index].become(.waiting)
            return acceptFirst(now)
        }
        if worker.successorOf != nil {
            workers[index].become(.waiting)
            if worker.waitsForLastRequest { workers[index].deadline = now + Self.successorTimeout }
            return []
        }
        var commands = accept(index, now)
        if phase == .failed {
            enter(.running)
            respawns = RespawnLimit()
            lastFault = nil
            commands.append(.say("it could not be started before, and serves now"))
            commands += fill(now)
        }
        return commands
    }

    /// The first generation accepts as every other does: when all of it are ready.
    private mutating func acceptFirst(_ now: Int) -> [PoolCommand] {
        let ready = workers.indices.filter { workers[$0].state == .waiting && !workers[$0].hasClosedControlChannel }
        guard ready.count >= wanted else { return [] }
        enter(.running)
        report(.ready)
        return ready.flatMap { accept($0, now) }
    }

    mutating func accept(_ index: Int, _ now: Int) -> [PoolCommand] {
        startFailure = nil
        workers[index].become(.serving)
        workers[index].servesSince = now
        workers[index].lastActivity = now
        return workers[index].rules.isProgram ? [] : [.order(worker: workers[index].number, .accept)]
    }

    mutating func malformedReport(_ number: Int, _ now: Int) -> [PoolCommand] {
        guard let index = index(of: number), workers[index].state != .killed else { return [] }
        let message =
            "worker \(number): its control channel carried something that is not a report, or not expected now"
        fail(index, message, ExitStatus.internal.rawValue, now)
        return [.signal(worker: number, SIGKILL)]
    }

    /// The worker is probably ending; its end is seen in a moment, and counts as what it was. If it lives on, it is
    /// killed.
    mutating func controlChannelClosed(_ number: Int, _ now: Int) -> [PoolCommand] {
        guard let index = index(of: number), !workers[index].hasClosedControlChannel else { return [] }
        workers[index].hasClosedControlChannel = true
        switch workers[index].state {
        case .starting, .loading, .waiting, .serving: shortenDeadline(index, now)
        case .draining where !workers[index].hasStoppedAccepting: shortenDeadline(index, now)
        case .draining, .tracing, .failed, .killed: break
        }
        return []
    }

    mutating func shortenDeadline(_ index: Int, _ now: Int) {
        workers[index].deadline = min(workers[index].deadline ?? .max, now + Self.channelClosedGracePeriod)
    }

    /// The worker will never serve, or no longer serves. The fault counts now and not when its process ends: a worker
    /// that takes long to leave would otherwise be replaced at once, and its successor as well.
    mutating func fail(_ index: Int, _ message: String, _ status: Int32, _ now: Int) {
        workers[index].become(.failed(message: message, exitStatus: status))
        workers[index].deadline = now + Self.gracePeriod
        countFault(workers[index], now)
    }

    mutating func countFault(_ worker: SupervisedWorker, _ now: Int) {
        // A fault of a generation on trial is no reason to hold back the one that serves.
        guard worker.generation == generation else { return }
        respawns.faultHappened(now: now)
        lastFault = now
    }
}
