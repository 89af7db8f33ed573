internal import GatehouseConfiguration
internal import GatehousePlan

/// Generations of workers: a candidate is tried beside the serving one, and promoted or rejected.
extension PoolStateMachine {
    /// The only place that makes a generation's number.
    private mutating func makeGeneration() -> Int {
        lastGeneration += 1
        return lastGeneration
    }

    mutating func tryReload(_ newRules: PoolRules, _ now: Int) -> [PoolCommand] {
        // A renewal or rollback that is on trial makes room: the configuration has the last word.
        let commands = endCandidate(now)
        // A pool that has no worker yet, or scales, is tried with one at least, and with as many as serve now.
        let count = max(1, newRules.count.least, min(regular.count, newRules.count.most))
        candidate = Candidate(generation: makeGeneration(), rules: newRules, count: count)
        return commands + spawnCandidate(now)
    }

    /// Starts a generation of an earlier one's settings, without a reload.
    mutating func tryAnew(
        _ rules: PoolRules, like earlier: Int, purpose: Candidate.Purpose, count: Int, _ now: Int
    ) -> [PoolCommand] {
        let new = makeGeneration()
        candidate = Candidate(generation: new, rules: rules, count: count, purpose: purpose)
        return [.prepare(generation: new, like: earlier)] + spawnCandidate(now)
    }

    private mutating func spawnCandidate(_ now: Int) -> [PoolCommand] {
        guard let candidate else { return [] }
        return (0..<candidate.count).map { _ in spawn(generation: candidate.generation, now) }
    }

    /// All workers of the candidate are ready: they accept before the old ones stop, so that some worker always does.
    mutating func promoteCandidate(_ now: Int) -> [PoolCommand] {
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
        enter(.running)
        var commands: [PoolCommand] = []
        for index in workers.indices where workers[index].generation == generation {
            commands += accept(index, now)
        }
        for index in workers.indices where workers[index].generation != generation {
            // A program takes no connections over.
            commands += drain(index, handsOver: !rules.isProgram, now)
        }
        switchDeadline = now + Self.gracePeriod
        return commands + [.promote(generation: generation)]
    }

    /// Reports the promotion once no old worker accepts any more: the operator may then rely on the new ones.
    mutating func endSwitch(_ now: Int) -> [PoolCommand] {
        guard let deadline = switchDeadline else { return [] }
        let accepting = workers.contains {
            $0.generation != generation && $0.state == .draining && !$0.hasStoppedAccepting
        }
        if !accepting || now >= deadline {
            switchDeadline = nil
            report(.promoted)
        }
        return []
    }

    /// A worker of the candidate has failed: the whole candidate is rejected.
    mutating func rejectCandidate(_ message: String, _ status: Int32, _ now: Int) -> [PoolCommand] {
        let said: [PoolCommand] =
            switch candidate?.purpose {
            case .renewal: [.say("worn programs go on, because others cannot be started in their place: \(message)")]
            case .rollback: [.say("the previous generation cannot be started again: \(message)")]
            case .reload, nil: []
            }
        report(.rejected(message: message, exitStatus: status))
        return endCandidate(now) + said
    }

    mutating func endCandidate(_ now: Int) -> [PoolCommand] {
        guard let old = candidate else { return [] }
        candidate = nil
        let kills = workers.indices.filter { workers[$0].generation == old.generation }.flatMap { kill($0) }
        return kills + [.reject(generation: old.generation)]
    }

    // MARK: Told to leave

    mutating func drainAll(_ now: Int) -> [PoolCommand] {
        guard phase == .running || phase == .failed || candidate != nil else { return [] }
        enter(.drained)
        scaledTo = nil
        wanted = 0
        // An operator waits for the outcome of a reload.
        let rejected =
            candidate?.purpose != .reload
            ? endCandidate(now) : rejectCandidate("the pool was drained before its new workers were ready", 75, now)
        return rejected + workers.indices.flatMap { drain($0, handsOver: false, now) }
    }

    mutating func stop(atOnce: Bool, _ now: Int) -> [PoolCommand] {
        guard phase != .stopped else { return [] }
        enter(.stopping)
        switchDeadline = nil
        var commands = endCandidate(now)
        for index in workers.indices { commands += atOnce ? endNow(index, now) : drain(index, handsOver: false, now) }
        stopIfEmpty()
        return commands
    }

    mutating func stopIfEmpty() {
        guard phase == .stopping, workers.isEmpty else { return }
        enter(.stopped)
        report(.stopped)
    }

    private mutating func endNow(_ index: Int, _ now: Int) -> [PoolCommand] {
        let number = workers[index].number
        switch workers[index].state {
        case .starting, .loading, .waiting, .tracing, .failed: return kill(index)
        case .killed: return []
        case .serving, .draining:
            workers[index].become(.draining)
            workers[index].deadline = min(workers[index].deadline ?? .max, now + Self.gracePeriod)
            if let signal = workers[index].rules.stopSignal { return [.signal(worker: number, signal)] }
            return [.order(worker: number, .end)]
        }
    }
}
