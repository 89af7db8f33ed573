internal import GatehouseConfiguration
import GatehousePlan
import Glibc

/// What the supervisor does about one pool, as a function of what happened: no process, no descriptor, no clock.
///
/// Time is milliseconds of a monotonic clock, given with every event. Input is here; starting and ending workers in
/// `+Workers`, generations in `+Generations`, how many there should be in `+Scaling`, who is worn in `+Recycling`, who
/// is well in `+Health`.
struct PoolStateMachine: Sendable {
    enum Phase: Equatable, Sendable {
        /// The first generation is being started. Can become: running, failed, stopping; drained, where it is inherited
        /// so.
        case starting
        /// Can become: drained, stopping.
        case running
        /// The first generation could not be started; one worker after the other is tried, as in any crash loop. Can
        /// become: running, drained, stopping.
        case failed
        /// Told to take nothing new. Can become: running, stopping.
        case drained
        /// Can become: stopped.
        case stopping
        /// No worker is left. Final.
        case stopped
    }

    /// A generation on trial: it serves when each of its workers is ready, and not at all if one fails.
    struct Candidate: Equatable, Sendable {
        enum Purpose: Equatable, Sendable {
            case reload
            /// The programs that serve are worn, and others of the same settings are to take their place.
            case renewal
            /// The programs of the last reload have died soon, and the settings before it are to serve again.
            case rollback
        }

        var generation: Int
        var rules: PoolRules
        var count: Int
        var purpose = Purpose.reload
    }

    /// What served before a reload brought another program, for as long as that one is on probation.
    struct Fallback: Equatable, Sendable {
        var generation: Int
        var rules: PoolRules
        var until: Int
    }

    /// How long a worker may outlive its own drain limit, an order to end, or its report that it failed.
    static let gracePeriod = 5_000
    /// How long a worker that hears no orders may take to end.
    static let channelClosedGracePeriod = 1_000
    /// How long a worker that is to be killed has for writing its backtraces.
    static let tracingTime = 2_000
    /// How long a pool that could not be started waits before its next try: what it lacks rarely comes at once.
    static let retryTime = 1_000
    /// A program beside others that answer on the same socket has started when it has lived for so long.
    static let settlingTime = 1_500
    /// For so long a program that a reload has brought must live, or what was before comes back.
    static let probationTime = 30_000

    var rules: PoolRules
    var phase = Phase.starting
    /// The generation that serves, and the last number that was given to one.
    var generation = 1
    var lastGeneration = 1
    var candidate: Candidate?
    var fallback: Fallback?
    /// Until when the generation before is waited for to take nothing new; `nil` where it is not.
    var switchDeadline: Int?
    var workers: [SupervisedWorker] = []
    var lastWorker = 0
    /// What an operator has set in place of the rules' count.
    var scaledTo: Int?
    /// How many workers there should be.
    var wanted: Int
    var respawns = RespawnLimit()
    var lastFault: Int?
    /// Why the last worker that should have served did not, where since then nobody has.
    var startFailure: String?
    var scaling = ScalingState()
    var recycling = RecyclingState()
    var lastProbeNumber = 0
    private var random: UInt64

    // For the status.
    var crashes = 0
    var spawned = 0

    /// - Parameter seed: of the jitter, so that a simulation can be replayed.
    init(rules: PoolRules, seed: UInt64) {
        self.rules = rules
        wanted = rules.count.least
        random = seed | 1
    }

    mutating func handle(_ event: PoolEvent, now: Int) -> [PoolAction] {
        decide(event, now) + changePlaces(now) + endSwitch(now)
    }

    private mutating func decide(_ event: PoolEvent, _ now: Int) -> [PoolAction] {
        switch event {
        case .started: start(now)
        case .setUpFailed(let message, let status): setUpFailed(message, status, now)
        case .inherited(let left): inherit(left, now)
        case .reported(let number, let report): reported(number, report, now)
        case .answered(let number): answered(number, now)
        case .refused(let number, let reason): refused(number, reason)
        case .malformedReport(let number): malformedReport(number, now)
        case .controlChannelClosed(let number): controlChannelClosed(number, now)
        case .ended(let number, let end, let why): ended(number, end, why: why, now)
        case .spawnFailed(let number, let message, let status): spawnFailed(number, message, status, now)
        case .sampled(let samples): sampled(samples, now)
        case .connectionWaits: connectionWaits(now)
        case .replaced(let rules): replace(rules, now)
        case .scaled(let count): scale(to: count, now)
        case .unscaled: unscale(now)
        case .drainRequested: drainAll(now)
        case .stopRequested(let atOnce): stop(atOnce: atOnce, now)
        case .clockAdvanced: clockAdvanced(now)
        }
    }

    /// When `clockAdvanced` has something to do; `nil` for never.
    func deadline(now: Int) -> Int? {
        var earliest = workers.lazy.compactMap(\.deadline).min()
        if isShort {
            var limit = respawns
            earliest = min(earliest ?? .max, max(now, limit.nextStart(now: now)))
        }
        if let switchDeadline { earliest = min(earliest ?? .max, switchDeadline) }
        if let probe = nextProbe { earliest = min(earliest ?? .max, probe) }
        return earliest
    }

    private mutating func start(_ now: Int) -> [PoolAction] {
        let actions = fill(now)
        guard wanted == 0 else { return actions }
        phase = .running
        return actions + [.becameReady]
    }

    private mutating func clockAdvanced(_ now: Int) -> [PoolAction] {
        var actions: [PoolAction] = []
        for number in workers.filter({ $0.deadline.map { $0 <= now } ?? false }).map(\.number) {
            actions += deadlinePassed(number, now)
        }
        return actions + probe(now) + fill(now)
    }

    /// Those that serve, are on trial, or may have to come back.
    var generationsInUse: Set<Int> {
        Set([generation, candidate?.generation, fallback?.generation].compactMap(\.self))
    }

    /// What holds at this moment.
    var count: WorkerCount { scaledTo.map { .fixed($0) } ?? rules.count }

    // MARK: Workers by number

    func index(of number: Int) -> Int? {
        workers.firstIndex { $0.number == number }
    }

    /// Those of the serving generation that serve or may, without those that are to replace another of them.
    var regular: [SupervisedWorker] {
        workers.filter { $0.generation == generation && $0.isWanted && !isSuccessor($0) }
    }

    /// A worker that leaves for another reason, before its successor is ready, leaves it its place.
    private func isSuccessor(_ worker: SupervisedWorker) -> Bool {
        guard let old = worker.successorOf.flatMap({ index(of: $0) }) else { return false }
        return workers[old].isWanted
    }

    var serving: [SupervisedWorker] {
        workers.filter(\.canServe)
    }

    /// Whether workers serve that take connections over, or will when they have been started.
    var awaitsService: Bool {
        (phase == .starting || phase == .running) && wanted > 0 && !rules.isProgram && !isUnreachable
    }

    /// xorshift: good enough for a jitter.
    mutating func nextJitter() -> Int {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return Int(random % 100)
    }
}
