import GatehousePlan
import Glibc

/// Workers from their start until they are to leave.
extension PoolStateMachine {
    /// Whether there are fewer workers than there should be.
    var isShort: Bool {
        switch phase {
        // What comes back in a rollback has the queue of waiting clients for itself.
        case .running where candidate?.purpose == .rollback && serving.isEmpty: false
        case .running: regular.count < wanted
        // One that fails shows as much as all of them.
        case .failed: regular.count < min(1, wanted)
        // One that fails before it serves ends the start: nothing is started in its place.
        case .starting: regular.count + workers.count { $0.hasFailedToServe } < wanted
        case .drained, .stopping, .stopped: false
        }
    }

    /// Starts what is missing, as fast as the limit allows.
    mutating func fill(_ now: Int) -> [PoolAction] {
        var actions: [PoolAction] = []
        while isShort, respawns.nextStart(now: now) <= now {
            respawns.started(now: now)
            actions.append(spawn(generation: generation, now))
        }
        return actions
    }

    mutating func spawn(generation: Int, successorOf: Int? = nil, _ now: Int) -> PoolAction {
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

    /// Workers that the supervisor before this one has started. Those that are missing are started by the clock.
    mutating func inherit(_ left: InheritedPool, _ now: Int) -> [PoolAction] {
        (generation, lastGeneration, lastWorker) = (left.generation, left.lastGeneration, left.lastWorker)
        (crashes, spawned) = (left.crashes, left.spawned)
        var actions: [PoolAction] = []
        for (index, known) in left.workers.enumerated() {
            var worker = SupervisedWorker(
                number: known.number, generation: known.generation, rules: known.rules, startedAt: known.startedAt)
            worker.state = .serving
            worker.servesSince = now
            worker.lastActivity = now
            workers.append(worker)
            guard !known.isServing else { continue }
            if known.isDraining == false {
                // It will serve neither then nor now: there is nothing that it could finish.
                actions += kill(index)
                continue
            }
            if known.isDraining == true {
                // Its time goes on, and a second signal would tell many a program to leave at once.
                workers[index].state = .draining
                workers[index].deadline = known.deadline
                workers[index].hasStoppedAccepting = known.hasStoppedAccepting
            }
            actions += drain(index, handsOver: false, now)
        }
        phase = left.isDrained ? .drained : .running
        wanted = left.isDrained ? 0 : max(wanted, regular.count)
        startFailure = left.startFailure
        if phase == .running, startFailure != nil, serving.isEmpty {
            phase = .failed
            wanted = max(1, wanted)
        }
        return actions
    }

    // MARK: Reports

    mutating func reported(_ number: Int, _ report: WorkerReport, _ now: Int) -> [PoolAction] {
        guard let index = index(of: number), !workers[index].hasClosedControlChannel else { return [] }
        switch (workers[index].state, report) {
        case (.starting, .loading(let path)) where workers[index].loads < workers[index].rules.modules:
            workers[index].state = .loading(path: path)
            workers[index].loads += 1
            workers[index].deadline = after(workers[index].rules.loadTime, now)
        case (.loading(let path), .loaded(let loaded, _, _)) where loaded == path:
            workers[index].state = .starting
            // The next module's time begins when that is said; after the last one there is still to become ready.
            guard workers[index].loads == workers[index].rules.modules else { break }
            workers[index].deadline = after(workers[index].rules.loadTime, now)
        case (.starting, .failed(_, let message, let status)), (.loading, .failed(_, let message, let status)),
            (.waiting, .failed(_, let message, let status)), (.serving, .failed(_, let message, let status)):
            let status = (1...255).contains(status) ? status : ExitStatus.internal.rawValue
            fail(index, printable(message), status, now)
        case (.starting, .ready), (.loading, .ready):
            return becameReady(index, now)
        case (.serving, .draining):
            // On its own: one of its module's services has ended, or somebody sent it SIGTERM.
            workers[index].state = .draining
            workers[index].hasStoppedAccepting = true
            workers[index].deadline = drainDeadline(workers[index], now)
            // One that does so as soon as it serves would be replaced without end.
            if now - (workers[index].servesSince ?? now) < RespawnLimit.calm { countFault(workers[index], now) }
            return fill(now)
        case (.serving, .requestsLeft(let left)):
            return requestsLeft(left, index, now)
        case (_, .probed(let answered)):
            if workers[index].openProbe?.number == answered { workers[index].openProbe = nil }
        case (.tracing, .traced):
            return kill(index)
        case (.draining, .draining):
            workers[index].hasStoppedAccepting = true
        case (_, .traced), (.failed, _), (.killed, _), (.draining, _), (.tracing, _): break
        case (.starting, .loading), (.starting, .loaded), (.starting, .draining), (.starting, .requestsLeft),
            (.loading, .loading), (.loading, .loaded), (.loading, .draining), (.loading, .requestsLeft), (.waiting, _),
            (.serving, _):
            return malformedReport(number, now)
        }
        return []
    }

    /// A program is up.
    mutating func answered(_ number: Int, _ now: Int) -> [PoolAction] {
        guard let index = index(of: number), workers[index].awaitsAnswer else { return [] }
        return becameReady(index, now)
    }

    mutating func refused(_ number: Int, _ reason: String) -> [PoolAction] {
        if let index = index(of: number) { workers[index].refusal = reason }
        return []
    }

    /// It has loaded its modules, or, being a program, has answered or lived for a while.
    mutating func becameReady(_ index: Int, _ now: Int) -> [PoolAction] {
        workers[index].deadline = nil
        let worker = workers[index]
        recycling.startTime = now - worker.startedAt
        if let candidate, worker.generation == candidate.generation {
            workers[index].state = .waiting
            let ready = workers.filter {
                $0.generation == candidate.generation && $0.state == .waiting && !$0.hasClosedControlChannel
            }
            return ready.count == candidate.count ? switchGenerations(now) : []
        }
        if phase == .starting {
            workers[index].state = .waiting
            return acceptFirst(now)
        }
        if worker.successorOf != nil {
            workers[index].state = .waiting
            if worker.waitsForLastRequest { workers[index].deadline = now + Self.successorPatience }
            return []
        }
        var actions = accept(index, now)
        if phase == .failed {
            phase = .running
            respawns = RespawnLimit()
            lastFault = nil
            actions.append(.say("it could not be started before, and serves now"))
            actions += fill(now)
        }
        return actions
    }

    /// The first generation accepts as every other does: when all of it are ready.
    private mutating func acceptFirst(_ now: Int) -> [PoolAction] {
        let ready = workers.indices.filter { workers[$0].state == .waiting && !workers[$0].hasClosedControlChannel }
        guard ready.count >= wanted else { return [] }
        phase = .running
        return ready.flatMap { accept($0, now) } + [.becameReady]
    }

    mutating func accept(_ index: Int, _ now: Int) -> [PoolAction] {
        startFailure = nil
        workers[index].state = .serving
        workers[index].servesSince = now
        workers[index].lastActivity = now
        return workers[index].rules.isProgram ? [] : [.order(worker: workers[index].number, .accept)]
    }

    mutating func malformedReport(_ number: Int, _ now: Int) -> [PoolAction] {
        guard let index = index(of: number), workers[index].state != .killed else { return [] }
        let message =
            "worker \(number): its control channel carried something that is no report, or none for this moment"
        fail(index, message, ExitStatus.internal.rawValue, now)
        return [.signal(worker: number, SIGKILL)]
    }

    /// Mostly it is ending, which is about to be seen, and then counts as whatever it was. What lives on is killed.
    mutating func controlChannelClosed(_ number: Int, _ now: Int) -> [PoolAction] {
        guard let index = index(of: number), !workers[index].hasClosedControlChannel else { return [] }
        workers[index].hasClosedControlChannel = true
        switch workers[index].state {
        case .starting, .loading, .waiting, .serving: shortenDeadline(index, now)
        case .draining where !workers[index].hasStoppedAccepting: shortenDeadline(index, now)
        case .draining, .tracing, .failed, .killed: break
        }
        return []
    }

    private mutating func shortenDeadline(_ index: Int, _ now: Int) {
        workers[index].deadline = min(workers[index].deadline ?? .max, now + Self.channelClosedGracePeriod)
    }

    /// It will never serve, or not any more. That counts now and not when its process ends, or one that takes its time
    /// to leave would be replaced at once by the next of its kind, and that again.
    private mutating func fail(_ index: Int, _ message: String, _ status: Int32, _ now: Int) {
        workers[index].state = .failed(message: message, exitStatus: status)
        workers[index].deadline = now + Self.gracePeriod
        countFault(workers[index], now)
    }

    mutating func countFault(_ worker: SupervisedWorker, _ now: Int) {
        // What a generation on trial does is no reason to hold back the one that serves.
        guard worker.generation == generation else { return }
        respawns.faultHappened(now: now)
        lastFault = now
    }

    // MARK: Leaving

    /// - Parameter handsOver: whether another worker takes over its idle connections.
    mutating func drain(_ index: Int, handsOver: Bool, _ now: Int) -> [PoolAction] {
        let number = workers[index].number
        switch workers[index].state {
        case .starting, .loading, .waiting:
            return kill(index)
        case .serving:
            workers[index].state = .draining
            workers[index].deadline = drainDeadline(workers[index], now)
            if workers[index].hasClosedControlChannel { shortenDeadline(index, now) }
            if let signal = workers[index].rules.stopSignal {
                workers[index].hasStoppedAccepting = true
                return [.signal(worker: number, signal)]
            }
            return [.order(worker: number, .drain(handsOver: handsOver))]
        case .draining:
            // There may no longer be anybody who takes its connections over.
            return handsOver || workers[index].rules.isProgram ? [] : [.order(worker: number, .drain(handsOver: false))]
        case .tracing, .failed, .killed:
            return []
        }
    }

    mutating func kill(_ index: Int) -> [PoolAction] {
        guard workers[index].state != .killed else { return [] }
        workers[index].state = .killed
        workers[index].deadline = nil
        return [.signal(worker: workers[index].number, SIGKILL)]
    }

    mutating func deadlinePassed(_ number: Int, _ now: Int) -> [PoolAction] {
        guard let index = index(of: number) else { return [] }
        workers[index].deadline = nil
        if workers[index].hasClosedControlChannel, workers[index].isWanted {
            let message = "worker \(number) hears no orders: its control channel is closed or not read, and it lives on"
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

    private func drainDeadline(_ worker: SupervisedWorker, _ now: Int) -> Int? {
        after(worker.rules.drainTime, now).map { $0 + Self.gracePeriod }
    }

    /// A time limit of 0 is none.
    private func after(_ limit: Int, _ now: Int) -> Int? {
        limit == 0 ? nil : now + limit
    }
}
