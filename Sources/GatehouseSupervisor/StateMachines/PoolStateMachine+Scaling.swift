import GatehouseConfiguration

/// State that scaling keeps from one sample to the next.
struct ScalingState: Equatable, Sendable {
    /// The time since which more workers have been without a request than needed.
    var spareSince: Int?
    /// Number of workers that the last sample added; each further one in a row adds twice as many.
    var lastGrowth = 0
    /// Samples that found every worker busy, and no room for another.
    var timesAtMaximum = 0
    var mostActive = 0
}

/// Scaling: the number of workers follows the load, or an operator.
extension PoolStateMachine {
    /// The most workers that one sample adds.
    private static let fastestGrowth = 8

    mutating func sampled(_ samples: [Int: WorkerSample], _ now: Int) -> [PoolCommand] {
        for index in workers.indices {
            guard let sample = samples[workers[index].number] else { continue }
            if sample.requests != workers[index].lastSample.requests || sample.requestsInFlight > 0 {
                workers[index].lastActivity = now
            }
            workers[index].countRequests(sample.requests, now)
            workers[index].answered(probe: sample.answeredProbe)
            workers[index].lastSample = sample
        }
        scaling.mostActive = max(scaling.mostActive, active)
        return probe(now) + resize(now) + recycle(now)
    }

    private var active: Int {
        serving.lazy.filter { $0.lastSample.requestsInFlight > 0 }.count
    }

    private mutating func resize(_ now: Int) -> [PoolCommand] {
        guard phase == .running, candidate == nil else { return [] }
        switch count {
        case .fixed: return []
        case .scaled(let min, let max, let spare, let idle):
            return resize(from: min, to: max, spare: spare, idle: idle, now)
        case .onDemand(let max, let idle):
            guard !regular.isEmpty else { return [] }
            return resize(from: 0, to: max, spare: 0, idle: idle, now)
        }
    }

    private mutating func resize(from least: Int, to most: Int, spare: Int, idle: Int, _ now: Int) -> [PoolCommand] {
        let free = serving.count - active
        // A worker that is being started will be free.
        let coming = regular.count - regular.filter(\.canServe).count
        if free + coming < Swift.max(spare, 1), coming == 0 || spare > 0 {
            scaling.spareSince = nil
            guard wanted < most else {
                scaling.timesAtMaximum += 1
                return []
            }
            scaling.lastGrowth = Swift.min(Swift.max(1, scaling.lastGrowth * 2), Self.fastestGrowth)
            wanted = Swift.min(most, wanted + scaling.lastGrowth)
            return fill(now)
        }
        scaling.lastGrowth = 0
        return shrink(to: least, spare: spare, idle: idle, now)
    }

    /// Drains the worker that has been idle for longest, one at a time.
    private mutating func shrink(to least: Int, spare: Int, idle: Int, _ now: Int) -> [PoolCommand] {
        let idlest = serving.filter { $0.generation == generation && $0.lastSample.requestsInFlight == 0 }
            .min { $0.lastActivity < $1.lastActivity }
        let free = serving.count - active
        // The only worker that serves stays for as long as others are still being started.
        guard wanted > least, free > spare, serving.count > 1 || wanted == 1,
            let idlest, let index = index(of: idlest.number)
        else {
            scaling.spareSince = nil
            return []
        }
        let since = scaling.spareSince ?? now
        scaling.spareSince = since
        guard now - since >= idle, now - idlest.lastActivity >= idle else { return [] }
        scaling.spareSince = now
        wanted -= 1
        return drain(index, handsOver: serving.count > 1, now) + trim(now)
    }

    /// Has surplus workers leave: first those that do not serve yet, then the youngest.
    private mutating func trim(_ now: Int) -> [PoolCommand] {
        var commands: [PoolCommand] = []
        // If the trimmed worker had a successor starting, that successor may be surplus too, so loop.
        while true {
            let present = regular
            func rank(_ worker: SupervisedWorker) -> (Int, Int) { (worker.canServe ? 1 : 0, -worker.number) }
            let next = present.min { rank($0) < rank($1) }
            guard present.count > wanted, let next, let index = index(of: next.number) else { return commands }
            commands += drain(index, handsOver: wanted > 0, now)
        }
    }

    mutating func connectionWaits(_ now: Int) -> [PoolCommand] {
        guard phase == .running, wanted == 0, case .onDemand = count else { return [] }
        wanted = 1
        return fill(now)
    }

    /// Whether the listening sockets are to be watched for the first connection.
    var waitsForConnection: Bool {
        guard phase == .running, wanted == 0, case .onDemand = count else { return false }
        return !workers.contains { $0.isWanted }
    }

    mutating func scale(to count: Int, _ now: Int) -> [PoolCommand] {
        guard phase == .running || phase == .failed || phase == .drained else { return [] }
        if phase == .drained { enter(.running) }
        let ended = endRenewal(now)
        scaledTo = count
        wanted = count
        respawns = RespawnLimit()
        return ended + fill(now) + trim(now)
    }

    /// Keeps the present number of workers, as far as the rules allow: a pool that scales goes on from there.
    mutating func unscale(_ now: Int) -> [PoolCommand] {
        guard scaledTo != nil, phase == .running || phase == .failed else { return [] }
        let ended = endRenewal(now)
        scaledTo = nil
        wanted = max(count.least, min(wanted, count.most))
        return ended + fill(now) + trim(now)
    }

    /// Ends the trial of programs that would replace worn ones: their number is no longer right. It is repeated a
    /// minute later.
    private mutating func endRenewal(_ now: Int) -> [PoolCommand] {
        candidate?.purpose == .renewal ? endCandidate(now) : []
    }
}
