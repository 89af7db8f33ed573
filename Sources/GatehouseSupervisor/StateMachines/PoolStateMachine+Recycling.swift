import GatehouseConfiguration

/// State that recycling keeps for a generation.
struct RecyclingState: Equatable, Sendable {
    /// The time at which a young worker was last replaced for exceeding the memory limit.
    var lastHaste: Int?
    /// The time at which programs were last replaced for their age.
    var lastRenewal: Int?
    /// The time that the last worker took to become ready, in milliseconds.
    var startTime = 500
    /// Whether the log has said that the memory limit is too low.
    var hasComplained = false
}

/// Recycling: workers that have served long enough are replaced.
extension PoolStateMachine {
    /// Guards against a recycle loop when the memory limit is below a worker's start-up size: at most one worker
    /// younger than this is recycled for memory in this time.
    private static let memoryPace = 60_000
    /// The longest time that a ready successor waits for the last requests of the worker that it replaces.
    static let successorTimeout = 10_000
    /// Added to the time that a start takes: a worker is looked at once a second.
    private static let lookingTime = 1_250

    /// Starts successors, which then take their predecessors' places: one at a time, except for the limit of requests,
    /// which evenly loaded workers reach at the same time.
    mutating func recycle(_ now: Int) -> [PoolCommand] {
        guard phase == .running, candidate == nil, !respawns.isHoldingBack else { return [] }
        let replaced = Set(workers.compactMap(\.successorOf))
        let present = serving.filter { $0.generation == generation && !replaced.contains($0.number) }
        var commands: [PoolCommand] = []
        for worn in present {
            guard let reason = reasonOfRequests(worn) else { continue }
            commands += succeed(worn, reason, now)
            workers[workers.count - 1].waitsForLastRequest = !hasServedAll(worn)
        }
        guard replaced.isEmpty, commands.isEmpty else { return commands }
        guard let worn = present.first(where: { otherReason($0, now) != nil }), let reason = otherReason(worn, now)
        else {
            return complainOfMemory()
        }
        if rules.isProgram { return renew("worker \(worn.number) is replaced: \(reason)", now) }
        if isTooLarge(worn), isYoung(worn, now) { recycling.lastHaste = now }
        return succeed(worn, reason, now)
    }

    private mutating func succeed(_ worn: SupervisedWorker, _ reason: String, _ now: Int) -> [PoolCommand] {
        [
            .say("worker \(worn.number) is replaced: \(reason)"),
            spawn(generation: generation, successorOf: worn.number, now),
        ]
    }

    /// Replaces programs as a reload would, by a generation with the same settings. One program alone cannot be
    /// replaced, because nobody can see which of those that share a socket answers.
    private mutating func renew(_ reason: String, _ now: Int) -> [PoolCommand] {
        if let last = recycling.lastRenewal, now - last < Self.memoryPace { return [] }
        recycling.lastRenewal = now
        return [.say(reason)] + tryAnew(rules, like: generation, purpose: .renewal, count: max(1, wanted), now)
    }

    private func reasonOfRequests(_ worker: SupervisedWorker) -> String? {
        guard let limit = requestLimit(of: worker) else { return nil }
        if hasServedAll(worker) { return "it has served its \(limit) requests" }
        // The successor starts early enough to be ready when the last request comes.
        let coming = worker.requestsPerSecond * (recycling.startTime + Self.lookingTime) / 1_000
        guard worker.lastSample.requests >= limit - coming else { return nil }
        return "it has nearly served its \(limit) requests"
    }

    /// The reason to replace it, other than its requests.
    private func otherReason(_ worker: SupervisedWorker, _ now: Int) -> String? {
        if let reason = reasonOfMemory(worker, now) { return reason }
        if let limit = rules.recycling.age, now - worker.startedAt >= jittered(limit, worker) {
            return "it has served for long enough"
        }
        return nil
    }

    private func jittered(_ limit: Int, _ worker: SupervisedWorker) -> Int {
        limit - limit / 1_000 * worker.jitter - limit % 1_000 * worker.jitter / 1_000
    }

    // MARK: Requests

    /// Number of requests after which the worker is to be replaced: the limit with its own jitter.
    func requestLimit(of number: Int) -> Int? {
        index(of: number).flatMap { requestLimit(of: workers[$0]) }
    }

    private func requestLimit(of worker: SupervisedWorker) -> Int? {
        worker.rules.isProgram ? nil : worker.rules.recycling.requests.map { max(1, jittered($0, worker)) }
    }

    /// The worker reports this itself: a fast one would pass its limit before the next sample.
    mutating func requestsLeft(_ left: Int, _ index: Int, _ now: Int) -> [PoolCommand] {
        guard let limit = requestLimit(of: workers[index]) else { return [] }
        let left = min(max(0, left), limit)
        workers[index].isWorn = workers[index].isWorn || left == 0
        workers[index].countRequests(limit - left, now)
        return recycle(now)
    }

    private func hasServedAll(_ worker: SupervisedWorker) -> Bool {
        if worker.isWorn { return true }
        return requestLimit(of: worker).map { worker.lastSample.requests >= $0 } ?? false
    }

    /// Has each successor that is ready serve once its predecessor has had its last request, or will have no more.
    mutating func changePlaces(_ now: Int) -> [PoolCommand] {
        // Workers of the first generation wait until all of them are ready.
        guard phase != .starting else { return [] }
        var commands: [PoolCommand] = []
        for number in workers.filter({ $0.state == .waiting && $0.generation == generation }).map(\.number) {
            guard let index = index(of: number) else { continue }
            let old = workers[index].successorOf.flatMap { self.index(of: $0) }
            if let old, workers[old].canServe, workers[index].waitsForLastRequest, !hasServedAll(workers[old]) {
                continue
            }
            guard !workers[index].hasClosedControlChannel else { continue }
            workers[index].deadline = nil
            workers[index].successorOf = nil
            commands += accept(index, now)
            if let old { commands += drain(old, handsOver: true, now) }
        }
        return commands
    }

    // MARK: Memory

    private func reasonOfMemory(_ worker: SupervisedWorker, _ now: Int) -> String? {
        guard isTooLarge(worker), let limit = rules.recycling.memory else { return nil }
        if isYoung(worker, now), let last = recycling.lastHaste, now - last < Self.memoryPace { return nil }
        return "it has \(worker.lastSample.residentBytes >> 20) MiB of memory, the limit is \(limit >> 20) MiB"
    }

    /// Says once that a worker is too large, and too young to be replaced.
    private mutating func complainOfMemory() -> [PoolCommand] {
        guard !recycling.hasComplained, let limit = rules.recycling.memory,
            let young = serving.first(where: { $0.generation == generation && isTooLarge($0) })
        else { return [] }
        recycling.hasComplained = true
        return [
            .say(
                "worker \(young.number) has \(young.lastSample.residentBytes >> 20) MiB of memory soon after its "
                    + "start, as another one had, and the limit is \(limit >> 20) MiB: raise \"memory\" in limits; "
                    + "until then it is replaced after a minute")
        ]
    }

    private func isTooLarge(_ worker: SupervisedWorker) -> Bool {
        rules.recycling.memory.map { worker.lastSample.residentBytes > $0 } ?? false
    }

    private func isYoung(_ worker: SupervisedWorker, _ now: Int) -> Bool {
        now - (worker.servesSince ?? now) < Self.memoryPace
    }
}
