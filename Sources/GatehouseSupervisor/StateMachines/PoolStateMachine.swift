internal import GatehouseConfiguration
import GatehousePlan

/// The decisions about one pool, as a function of its events: no process, no descriptor, no clock.
///
/// Time is milliseconds of a monotonic clock, given with every event. Events enter here; `+Reports` handles messages of
/// workers, `+Workers` starts and ends workers, `+Endings` handles their ends, `+Generations` replaces one generation
/// by the next, `+Scaling` decides how many there should be, `+Recycling` which are worn, `+Health` which are well.
struct PoolStateMachine: Sendable {
    enum Phase: CaseIterable, Sendable {
        /// The first generation is being started.
        case starting
        case running
        /// The first generation could not be started: one worker after the other is tried, as in any crash loop.
        case failed
        /// Told to take nothing new.
        case drained
        case stopping
        /// No worker is left.
        case stopped

        /// The phases that may follow each phase.
        static let allowed: [Phase: Set<Phase>] = [
            .starting: [.running, .failed, .drained, .stopping],
            .running: [.running, .drained, .stopping],
            .failed: [.running, .drained, .stopping],
            .drained: [.running, .drained, .stopping],
            .stopping: [.stopping, .stopped],
            .stopped: [],
        ]
    }

    /// A generation on trial: it is promoted when each of its workers is ready, and rejected if one fails.
    struct Candidate: Equatable, Sendable {
        enum Purpose: Equatable, Sendable {
            case reload
            /// The programs that serve are worn, and others of the same settings are to take their place.
            case renewal
            /// The programs of the last reload died soon, and the settings before it are to serve again.
            case rollback
        }

        var generation: Int
        var rules: PoolRules
        var count: Int
        var purpose = Purpose.reload
    }

    /// The generation before the one that a reload promoted, for as long as that one is on probation.
    struct Fallback: Equatable, Sendable {
        var generation: Int
        var rules: PoolRules
        var until: Int
    }

    static let firstGeneration = 1
    /// The time that a worker may outlive its own drain limit, an order to end, or its report that it failed.
    static let gracePeriod = 5_000
    /// The time that a worker which no order reaches gets to end.
    static let channelClosedGracePeriod = 1_000
    /// The time that a worker gets to write its backtraces before it is killed.
    static let tracingTime = 2_000
    /// The pause of a pool that could not be started before its next try: missing resources rarely come at once.
    static let retryTime = 1_000
    /// The time that a program beside others that answer on the same socket must live to count as started.
    static let settlingTime = 1_500
    /// The time that a program which a reload promoted must live, or the generation before it comes back.
    static let probationTime = 30_000

    var rules: PoolRules
    private(set) var phase = Phase.starting
    /// The generation that serves, and the last number that was given to one.
    var generation = Self.firstGeneration
    var lastGeneration = Self.firstGeneration
    var candidate: Candidate?
    var fallback: Fallback?
    /// The time at which a promoted generation stops waiting for the previous one to take nothing new; `nil` if it does
    /// not wait.
    var switchDeadline: Int?
    var workers: [SupervisedWorker] = []
    var lastWorker = 0
    /// The number of workers that an operator set in place of the rules' count.
    var scaledTo: Int?
    /// The number of workers that there should be.
    var wanted: Int
    var respawns = RespawnLimit()
    var lastFault: Int?
    /// The reason why the last worker that should have served did not; `nil` once one serves.
    var startFailure: String?
    var scaling = ScalingState()
    var recycling = RecyclingState()
    var lastProbeNumber = 0
    private var random: UInt64
    /// Outcomes of the event at hand.
    private var outcomes: [PoolOutcome] = []

    // For the status.
    var crashes = 0
    var spawned = 0

    /// - Parameter seed: of the jitter, so that a simulation can be replayed.
    init(rules: PoolRules, seed: UInt64) {
        self.rules = rules
        wanted = rules.count.least
        random = seed | 1
    }

    mutating func handle(_ event: PoolEvent, now: Int) -> PoolDecision {
        decision(decide(event, now), now)
    }

    /// Starts a candidate generation beside the one that serves.
    /// - Returns: its number, under which the processes find what it is started with; `nil` if it cannot be tried now.
    mutating func replace(_ rules: PoolRules, now: Int) -> (generation: Int?, decision: PoolDecision) {
        guard phase == .running || phase == .failed || phase == .drained else {
            report(.rejected(message: "the pool is being stopped or started", exitStatus: 75))
            return (nil, decision([], now))
        }
        let commands = tryReload(rules, now)
        return (lastGeneration, decision(commands, now))
    }

    private mutating func decision(_ commands: [PoolCommand], _ now: Int) -> PoolDecision {
        defer { outcomes = [] }
        let all = commands + changePlaces(now) + endSwitch(now)
        return PoolDecision(commands: all, outcomes: outcomes)
    }

    mutating func report(_ outcome: PoolOutcome) { outcomes.append(outcome) }

    /// The only way from one phase to another.
    mutating func enter(_ new: Phase) {
        assert(Phase.allowed[phase]?.contains(new) == true, "a pool that is \(phase) cannot be \(new)")
        phase = new
    }

    private mutating func decide(_ event: PoolEvent, _ now: Int) -> [PoolCommand] {
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
        case .scaled(let count): scale(to: count, now)
        case .unscaled: unscale(now)
        case .drainRequested: drainAll(now)
        case .stopRequested(let atOnce): stop(atOnce: atOnce, now)
        case .clockAdvanced: clockAdvanced(now)
        }
    }

    /// The next time at which `clockAdvanced` has something to do; `nil` for never.
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

    private mutating func start(_ now: Int) -> [PoolCommand] {
        let commands = fill(now)
        if wanted == 0 {
            enter(.running)
            report(.ready)
        }
        return commands
    }

    private mutating func clockAdvanced(_ now: Int) -> [PoolCommand] {
        var commands: [PoolCommand] = []
        for number in workers.filter({ $0.deadline.map { $0 <= now } ?? false }).map(\.number) {
            commands += deadlinePassed(number, now)
        }
        return commands + probe(now) + fill(now)
    }

    /// The generations that serve, are on trial, or may have to come back.
    var generationsInUse: Set<Int> {
        Set([generation, candidate?.generation, fallback?.generation].compactMap(\.self))
    }

    /// The number of workers that is in force at this moment.
    var count: WorkerCount { scaledTo.map { .fixed($0) } ?? rules.count }

    // MARK: Workers by number

    func index(of number: Int) -> Int? {
        workers.firstIndex { $0.number == number }
    }

    /// Workers of the serving generation that serve or may yet serve, except replacements for others of them.
    var regular: [SupervisedWorker] {
        workers.filter { $0.generation == generation && $0.isWanted && !isSuccessor($0) }
    }

    /// Whether the worker waits for another one to leave. If that one is no longer wanted, its place is taken already.
    private func isSuccessor(_ worker: SupervisedWorker) -> Bool {
        guard let old = worker.successorOf.flatMap({ index(of: $0) }) else { return false }
        return workers[old].isWanted
    }

    var serving: [SupervisedWorker] {
        workers.filter(\.canServe)
    }

    /// Whether there are, or will be, workers that can take handed-over connections.
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
