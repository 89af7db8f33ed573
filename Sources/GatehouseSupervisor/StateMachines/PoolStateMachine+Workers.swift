import GatehousePlan
import Glibc

/// Starting workers that are missing, and telling workers to leave.
extension PoolStateMachine {
    /// Whether there are fewer workers than there should be.
    var isShort: Bool {
        switch phase {
        // The generation that a rollback brings back has the queue of waiting clients for itself.
        case .running where candidate?.purpose == .rollback && serving.isEmpty: false
        case .running: regular.count < wanted
        // The failure of one worker shows as much as the failure of all.
        case .failed: regular.count < min(1, wanted)
        // A worker that fails before it serves ends the start: nothing is started in its place.
        case .starting: regular.count + workers.count { $0.hasFailedToServe } < wanted
        case .drained, .stopping, .stopped: false
        }
    }

    /// Starts missing workers, as fast as the limit allows.
    mutating func fill(_ now: Int) -> [PoolCommand] {
        var commands: [PoolCommand] = []
        while isShort, respawns.nextStart(now: now) <= now {
            respawns.started(now: now)
            commands.append(spawn(generation: generation, now))
        }
        return commands
    }

    mutating func spawn(generation: Int, successorOf: Int? = nil, _ now: Int) -> PoolCommand {
        lastWorker += 1
        spawned += 1
        let rules = candidate.flatMap { $0.generation == generation ? $0.rules : nil } ?? rules
        var worker = SupervisedWorker(number: lastWorker, generation: generation, rules: rules, startedAt: now)
        worker.successorOf = successorOf
        worker.jitter = nextJitter()
        worker.settles = rules.isProgram && workers.contains { $0.generation == generation && $0.canServe }
        worker.deadline = worker.settles ? now + Self.settlingTime : after(rules.loadTime, now)
        workers.append(worker)
        return .spawn(worker: worker.number, generation: generation)
    }

    // MARK: Leaving

    /// - Parameter handsOver: whether another worker takes its idle connections over.
    mutating func drain(_ index: Int, handsOver: Bool, _ now: Int) -> [PoolCommand] {
        let number = workers[index].number
        switch workers[index].state {
        case .starting, .loading, .waiting:
            return kill(index)
        case .serving:
            workers[index].become(.draining)
            workers[index].deadline = drainDeadline(workers[index], now)
            if workers[index].hasClosedControlChannel { shortenDeadline(index, now) }
            if let signal = workers[index].rules.stopSignal {
                workers[index].hasStoppedAccepting = true
                return [.signal(worker: number, signal)]
            }
            return [.order(worker: number, .drain(handsOver: handsOver))]
        case .draining:
            // There may no longer be a worker that takes its connections over.
            return handsOver || workers[index].rules.isProgram ? [] : [.order(worker: number, .drain(handsOver: false))]
        case .tracing, .failed, .killed:
            return []
        }
    }

    mutating func kill(_ index: Int) -> [PoolCommand] {
        guard workers[index].state != .killed else { return [] }
        workers[index].become(.killed)
        workers[index].deadline = nil
        return [.signal(worker: workers[index].number, SIGKILL)]
    }

    mutating func deadlinePassed(_ number: Int, _ now: Int) -> [PoolCommand] {
        guard let index = index(of: number) else { return [] }
        workers[index].deadline = nil
        if workers[index].hasClosedControlChannel, workers[index].isWanted {
            let message = "worker \(number) no longer receives orders: its control channel is closed or not read"
            fail(index, message, ExitStatus.internal.rawValue, now)
            return [.signal(worker: number, SIGKILL)]
        }
        switch workers[index].state {
        case .starting where workers[index].settles:
            return becameReady(index, now)
        case .starting, .loading:
            fail(index, tooSlow(index), ExitStatus.moduleInitHung.rawValue, now)
            return [.signal(worker: number, SIGKILL)]
        case .draining:
            return [.say("worker \(number) did not leave in time: it is killed")] + kill(index)
        case .tracing: return kill(index)
        case .failed: return [.signal(worker: number, SIGKILL)]
        case .waiting:
            workers[index].waitsForLastRequest = false
            return []
        case .serving, .killed: return []
        }
    }

    private func tooSlow(_ index: Int) -> String {
        let time = workers[index].rules.loadTime
        let seconds = time % 1_000 == 0 ? "\(time / 1_000) s" : "\(time) ms"
        if case .loading(let path) = workers[index].state {
            return
                "module \(printable(path)): its init did not return within \(seconds): the limit is \"load\" in limits"
        }
        if workers[index].rules.isProgram {
            return "the program did not answer within \(seconds): the limit is \"load\" in limits"
                + (workers[index].refusal.map { "; \($0)" } ?? "")
        }
        return "the worker was not ready within \(seconds)"
    }

    func drainDeadline(_ worker: SupervisedWorker, _ now: Int) -> Int? {
        after(worker.rules.drainTime, now).map { $0 + Self.gracePeriod }
    }

    /// A time limit of 0 is none.
    func after(_ limit: Int, _ now: Int) -> Int? {
        limit == 0 ? nil : now + limit
    }
}
