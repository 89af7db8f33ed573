import GatehouseConfiguration

/// Which workers have served long enough.
extension PoolStateMachine {
    /// Where the limit of memory is less than a worker needs at its start, each successor is as large as the one that
    /// it replaces: of workers that have served for less than this, one in this time is replaced for its memory.
    static let memoryPace = 60_000
    /// How long a successor that is ready waits for the last requests of the worker that it replaces.
    static let successorPatience = 10_000
    /// Added to the time that a start takes: a worker is looked at once a second.
    private static let lookingTime = 1_250

    /// Its successor first. One at a time, but for requests, which workers that share them evenly have had at the same
    /// time.
    mutating func recycle(_ now: Int) -> [PoolAction] {
        guard phase == .running, candidate == nil, !respawns.isHoldingBack else { return [] }
        let replaced = Set(workers.compactMap(\.successorOf))
        let present = serving.filter { $0.generation == generation && !replaced.contains($0.number) }
        var actions: [PoolAction] = []
        for worn in present {
            guard let reason = reasonOfRequests(worn) else { continue }
            actions += succeed(worn, reason, now)
            workers[workers.count - 1].waitsForLastRequest = !hasServedAll(worn)
        }
        guard replaced.isEmpty, actions.isEmpty else { return actions }
        guard let worn = present.first(where: { otherReason($0, now) != nil }), let reason = otherReason(worn, now)
        else {
            return complainOfMemory()
        }
        if rules.isProgram { return renew("worker \(worn.number) is replaced: \(reason)", now) }
        if isTooLarge(worn), isYoung(worn, now) { recycling.lastHaste = now }
        return succeed(worn, reason, now)
    }

    private mutating func succeed(_ worn: SupervisedWorker, _ reason: String, _ now: Int) -> [PoolAction] {
        [
            .say("worker \(worn.number) is replaced: \(reason)"),
            spawn(generation: generation, successorOf: worn.number, now),
        ]
    }

    /// Programs that share a socket cannot show which of them answers, so that a worn one is replaced as by a reload:
    /// by a generation of the same settings.
    private mutating func renew(_ reason: String, _ now: Int) -> [PoolAction] {
        if let last = recycling.lastRenewal, now - last < Self.memoryPace { return [] }
        recycling.lastRenewal = now
        return [.say(reason)] + tryAnew(rules, like: generation, purpose: .renewal, count: max(1, wanted), now)
    }

    private func reasonOfRequests(_ worker: SupervisedWorker) -> String? {
        guard let limit = requestLimit(of: worker) else { return nil }
        if hasServedAll(worker) { return "it has served its \(limit) requests" }
        // Its successor's start takes a while: it begins so early that it ends with the last request.
        let coming = worker.requestsPerSecond * (recycling.startTime + Self.lookingTime) / 1_000
        guard worker.lastSample.requests >= limit - coming else { return nil }
        return "it has nearly served its \(limit) requests"
    }

    /// Not for its requests.
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

    /// After how many requests the worker is to be replaced: its own part of the limit.
    func requestLimit(of number: Int) -> Int? {
        index(of: number).flatMap { requestLimit(of: workers[$0]) }
    }

    private func requestLimit(of worker: SupervisedWorker) -> Int? {
        worker.rules.isProgram ? nil : worker.rules.recycling.requests.map { max(1, jittered($0, worker)) }
    }

    /// It says so by itself: a fast one would be through before it is looked at.
    mutating func requestsLeft(_ left: Int, _ index: Int, _ now: Int) -> [PoolAction] {
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

    /// Successors that are ready serve as soon as their predecessor has had its last request, or will have no more.
    mutating func changePlaces(_ now: Int) -> [PoolAction] {
        // The first generation waits for all of itself.
        guard phase != .starting else { return [] }
        var actions: [PoolAction] = []
        for number in workers.filter({ $0.state == .waiting && $0.generation == generation }).map(\.number) {
            guard let index = index(of: number) else { continue }
            let old = workers[index].successorOf.flatMap { self.index(of: $0) }
            if let old, workers[old].canServe, workers[index].waitsForLastRequest, !hasServedAll(workers[old]) {
                continue
            }
            guard !workers[index].hasClosedControlChannel else { continue }
            workers[index].deadline = nil
            workers[index].successorOf = nil
            actions += accept(index, now)
            if let old { actions += drain(old, handsOver: true, now) }
        }
        return actions
    }

    // MARK: Memory

    private func reasonOfMemory(_ worker: SupervisedWorker, _ now: Int) -> String? {
        guard isTooLarge(worker), let limit = rules.recycling.memory else { return nil }
        if isYoung(worker, now), let last = recycling.lastHaste, now - last < Self.memoryPace { return nil }
        return "it has \(worker.lastSample.residentBytes >> 20) MiB of memory, the limit is \(limit >> 20) MiB"
    }

    /// Once is enough: there is somebody who is too large, and too young to be replaced.
    private mutating func complainOfMemory() -> [PoolAction] {
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
