import GatehouseConfiguration

/// Which workers have served long enough.
extension PoolSupervision {
    /// Where the limit of memory is less than a worker needs at its start, each successor is as large as the one that
    /// it replaces: of workers that have served for less than this, one in this time is replaced for its memory.
    static let memoryPace = 60_000

    /// One at a time, its successor first.
    mutating func recycle(_ now: Int) -> [PoolAction] {
        guard phase == .running, candidate == nil, !respawns.isHoldingBack,
            !workers.contains(where: { $0.successorOf != nil })
        else { return [] }
        guard let worn = serving.first(where: { $0.generation == generation && reasonToRecycle($0, now) != nil }),
            let reason = reasonToRecycle(worn, now)
        else { return complainOfMemory() }
        if isTooLarge(worn), isYoung(worn, now) { recycling.lastHaste = now }
        return [
            .say("worker \(worn.number) is replaced: \(reason)"),
            spawn(generation: generation, successorOf: worn.number, now),
        ]
    }

    private func reasonToRecycle(_ worker: SupervisedWorker, _ now: Int) -> String? {
        func jittered(_ limit: Int) -> Int {
            limit - limit / 1_000 * worker.jitter - limit % 1_000 * worker.jitter / 1_000
        }
        if let limit = rules.recycling.requests, worker.lastSample.requests >= jittered(limit) {
            return "it has served \(worker.lastSample.requests) requests"
        }
        if let reason = reasonOfMemory(worker, now) { return reason }
        if let limit = rules.recycling.age, now - worker.startedAt >= jittered(limit) {
            return "it has served for long enough"
        }
        return nil
    }

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
