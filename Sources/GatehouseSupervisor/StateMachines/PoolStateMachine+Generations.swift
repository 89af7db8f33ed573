internal import GatehouseConfiguration
internal import GatehousePlan

/// One generation of workers after the other.
extension PoolStateMachine {
    /// Starts a generation beside the one that serves.
    mutating func replace(_ newRules: PoolRules, _ now: Int) -> [PoolAction] {
        guard phase == .running || phase == .failed || phase == .drained else {
            return [.replacementFailed(message: "the pool is being stopped or started", exitStatus: 75)]
        }
        // A second reload while the first is on trial: the first one's workers leave, the last word counts.
        var actions = endCandidate(now)
        lastGeneration += 1
        // A pool that has no worker yet, or scales, is tried with one at least, and with as many as serve now.
        let count = max(1, newRules.count.least, min(regular.count, newRules.count.most))
        candidate = Candidate(generation: lastGeneration, rules: newRules, count: count)
        for _ in 0..<count { actions.append(spawn(generation: lastGeneration, now)) }
        return actions
    }

    /// Starts a generation of an earlier one's settings, which nobody has asked for.
    mutating func tryAnew(
        _ rules: PoolRules, like earlier: Int, purpose: Candidate.Purpose, count: Int, _ now: Int
    ) -> [PoolAction] {
        lastGeneration += 1
        candidate = Candidate(generation: lastGeneration, rules: rules, count: count, purpose: purpose)
        var actions: [PoolAction] = [.prepare(generation: lastGeneration, like: earlier)]
        for _ in 0..<count { actions.append(spawn(generation: lastGeneration, now)) }
        return actions
    }

    /// All of the new generation are ready: they accept before the old ones stop, so that somebody always does.
    mutating func switchGenerations(_ now: Int) -> [PoolAction] {
        guard let candidate else { return [] }
        self.candidate = nil
        switch candidate.purpose {
        case .reload where candidate.rules.isProgram:
            fallback = Fallback(generation: generation, rules: rules, until: now + Self.probationTime)
        case .reload, .rollback: fallback = nil
        case .renewal: break
        }
        generation = candidate.generation
        rules = candidate.rules
        if candidate.purpose != .renewal { scaledTo = nil }
        wanted = candidate.count
        respawns = RespawnLimit()
        lastFault = nil
        scaling = ScalingState()
        recycling = RecyclingState(startTime: recycling.startTime)
        phase = .running
        var actions: [PoolAction] = []
        for index in workers.indices where workers[index].generation == generation {
            actions += accept(index, now)
        }
        for index in workers.indices where workers[index].generation != generation {
            // A program takes no connections over.
            actions += drain(index, handsOver: !rules.isProgram, now)
        }
        switchDeadline = now + Self.gracePeriod
        return actions + [.replacementServes]
    }

    /// A reload is over when no old worker accepts any more: whoever asked for it may then rely on the new ones.
    mutating func endSwitch(_ now: Int) -> [PoolAction] {
        guard let deadline = switchDeadline else { return [] }
        let accepting = workers.contains {
            $0.generation != generation && $0.state == .draining && !$0.hasStoppedAccepting
        }
        guard !accepting || now >= deadline else { return [] }
        switchDeadline = nil
        return [.replacementServesAlone]
    }

    /// One of the new generation has failed: none of it serves.
    mutating func giveUpCandidate(_ message: String, _ status: Int32, _ now: Int) -> [PoolAction] {
        let said: [PoolAction] =
            switch candidate?.purpose {
            case .renewal: [.say("worn programs go on, because others cannot be started in their place: \(message)")]
            case .rollback: [.say("what served before cannot be started again: \(message)")]
            case .reload, nil: []
            }
        return endCandidate(now) + said + [.replacementFailed(message: message, exitStatus: status)]
    }

    mutating func endCandidate(_ now: Int) -> [PoolAction] {
        guard let old = candidate else { return [] }
        candidate = nil
        return workers.indices.filter { workers[$0].generation == old.generation }.flatMap { kill($0) }
    }

    // MARK: Told to leave

    mutating func drainAll(_ now: Int) -> [PoolAction] {
        guard phase == .running || phase == .failed || candidate != nil else { return [] }
        phase = .drained
        scaledTo = nil
        wanted = 0
        // Whoever asked for the reload waits for its outcome.
        let givenUp =
            candidate?.purpose != .reload
            ? endCandidate(now) : giveUpCandidate("the pool was drained before its new workers were ready", 75, now)
        return givenUp + workers.indices.flatMap { drain($0, handsOver: false, now) }
    }

    mutating func stop(atOnce: Bool, _ now: Int) -> [PoolAction] {
        guard phase != .stopped else { return [] }
        phase = .stopping
        switchDeadline = nil
        var actions = endCandidate(now)
        for index in workers.indices { actions += atOnce ? endNow(index, now) : drain(index, handsOver: false, now) }
        guard workers.isEmpty else { return actions }
        phase = .stopped
        return actions + [.stopped]
    }

    private mutating func endNow(_ index: Int, _ now: Int) -> [PoolAction] {
        let number = workers[index].number
        switch workers[index].state {
        case .starting, .loading, .waiting, .tracing, .failed: return kill(index)
        case .killed: return []
        case .serving, .draining:
            workers[index].state = .draining
            workers[index].deadline = min(workers[index].deadline ?? .max, now + Self.gracePeriod)
            if let signal = workers[index].rules.stopSignal { return [.signal(worker: number, signal)] }
            return [.order(worker: number, .end)]
        }
    }
}
