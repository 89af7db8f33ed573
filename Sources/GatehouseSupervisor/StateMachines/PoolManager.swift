/// An event that concerns one pool, or the supervisor as a whole.
enum PoolManagerEvent: Equatable, Sendable {
    case pool(String, PoolEvent)
    case stopRequested(atOnce: Bool)
    /// Time has passed; nothing else happened.
    case clockAdvanced
}

/// An instruction to the supervisor.
enum PoolManagerCommand: Equatable, Sendable {
    case pool(String, PoolCommand)
    /// Say that every pool serves for the first time, except those that cannot be started.
    case announceReady
    /// Say why a pool's first generation cannot be started.
    case reportFailedStart(pool: String, message: String)
    /// Say that a generation that a reload promoted does not last.
    case reportRollback(pool: String, message: String)
    /// The reload is over.
    case endReload(ReloadProgress)
    /// Forget a pool that is no longer in the configuration and has no worker.
    case forget(pool: String)
    /// Stop listening: everything ends, and front servers shall go elsewhere.
    case stopListening
    /// Leave with this status.
    case finish(status: Int32)
}

/// The decisions about all pools together, as a function of their events.
///
/// Each pool's own affairs are ``PoolStateMachine``'s. The manager decides when everything is ready, how a reload ends,
/// and when the supervisor may leave.
struct PoolManager: Sendable {
    enum Phase: Equatable, Sendable {
        /// Pools are being started for the first time.
        case starting
        case running
        /// The end has begun; the supervisor will leave with this status.
        case stopping(status: Int32)
    }

    var isStopping: Bool {
        if case .stopping = phase { true } else { false }
    }

    private(set) var phase = Phase.starting
    /// Whether a pool that cannot be started at the first start ends everything.
    var isStrict = false
    /// Reasons why pools could not be started at the first start, oldest first.
    private(set) var startFailures: [ReloadFailure] = []
    private(set) var pools: [String: PoolStateMachine] = [:]
    /// The reload that is under way.
    private(set) var reload: ReloadProgress?
    /// Pools that a new configuration no longer has.
    private var retiring: Set<String> = []

    mutating func handle(_ event: PoolManagerEvent, now: Int) -> [PoolManagerCommand] {
        switch event {
        case .pool(let name, let event): return tell(name, event, now)
        case .clockAdvanced: return pools.keys.sorted().flatMap { tell($0, .clockAdvanced, now) }
        case .stopRequested(let atOnce): return stop(status: 0, atOnce: atOnce, now)
        }
    }

    /// The next time at which `clockAdvanced` has something to do; `nil` for never.
    func deadline(now: Int) -> Int? {
        pools.values.compactMap { $0.deadline(now: now) }.min()
    }

    private mutating func tell(_ name: String, _ event: PoolEvent, _ now: Int) -> [PoolManagerCommand] {
        // A pool that is gone may still be named by an event that was already on its way.
        guard let decision = pools[name]?.handle(event, now: now) else { return [] }
        return carry(decision, of: name, now)
    }

    /// Puts the pool's own commands before those that follow from its outcomes, which may concern the same workers.
    private mutating func carry(
        _ decision: PoolDecision, of name: String, _ now: Int
    ) -> [PoolManagerCommand] {
        decision.commands.map { .pool(name, $0) } + decision.outcomes.flatMap { consequences(of: $0, from: name, now) }
    }

    private mutating func consequences(of outcome: PoolOutcome, from name: String, _ now: Int) -> [PoolManagerCommand] {
        switch outcome {
        case .ready, .promoted: settled(name, nil, now)
        case .rejected(let message, let status):
            settled(name, ReloadFailure(pool: name, message: message, exitStatus: status), now)
        case .failedToStart(let message, let status):
            [.reportFailedStart(pool: name, message: message)] + failedToStart(name, message, status, now)
        case .rolledBack(let message): [.reportRollback(pool: name, message: message)]
        case .stopped: stopped(name)
        }
    }

    // MARK: The first start

    /// Starts everything for the first time.
    /// - Parameters:
    ///   - inherited: pools as the supervisor before this one left them; workers of a pool that the configuration no
    ///     longer has finish the requests that they have.
    ///   - failures: pools of which no worker can be started yet, because something that they need cannot be had.
    mutating func start(
        _ rules: [(name: String, rules: PoolRules)], inherited: [String: InheritedPool] = [:],
        failures: [ReloadFailure] = [], seed: UInt64, now: Int
    ) -> [PoolManagerCommand] {
        for (name, rules) in rules { pools[name] = PoolStateMachine(rules: rules, seed: seed) }
        let orphans = inherited.keys.filter { pools[$0] == nil }.sorted()
        for name in orphans { pools[name] = PoolStateMachine(rules: PoolRules(), seed: seed) }
        var commands: [PoolManagerCommand] = []
        for name in rules.map(\.name) + orphans {
            let failure = failures.first { $0.pool == name }
            let failed = failure.map { PoolEvent.setUpFailed(message: $0.message, exitStatus: $0.exitStatus) }
            commands += tell(name, failed ?? inherited[name].map { .inherited($0) } ?? .started, now)
        }
        for name in orphans {
            retiring.insert(name)
            commands += tell(name, .stopRequested(atOnce: false), now)
        }
        return commands + startEnded(now)
    }

    /// The first start is over when each pool serves or has failed. A pool that serves goes on although another has
    /// failed; if none serves, the supervisor exits, so that its caller notices.
    private mutating func startEnded(_ now: Int) -> [PoolManagerCommand] {
        guard phase == .starting, pools.values.allSatisfy({ $0.phase != .starting }) else { return [] }
        if let first = startFailures.first, isStrict || pools.values.allSatisfy({ $0.phase == .failed }) {
            return stop(status: first.exitStatus, atOnce: true, now)
        }
        phase = .running
        return [.announceReady]
    }

    private mutating func failedToStart(
        _ name: String, _ message: String, _ status: Int32, _ now: Int
    ) -> [PoolManagerCommand] {
        let failure = ReloadFailure(pool: name, message: message, exitStatus: status)
        if phase == .starting, isStrict { return stop(status: status, atOnce: true, now) }
        if phase == .starting { return settled(name, failure, now) }
        // A pool that a reload added.
        let commands = settled(name, failure, now)
        retiring.insert(name)
        return commands + tell(name, .stopRequested(atOnce: true), now)
    }

    /// Notes that a pool of the start or of the reload under way serves as it should, or will not.
    private mutating func settled(_ name: String, _ failure: ReloadFailure?, _ now: Int) -> [PoolManagerCommand] {
        if phase == .starting {
            if let failure { startFailures.append(failure) }
            return startEnded(now)
        }
        reload?.settle(name, failure)
        return endReloadIfOver()
    }

    // MARK: Reloading

    /// Begins a reload: makes a candidate generation of each pool that changes.
    /// - Parameter rejected: pools whose new part could not even be prepared.
    /// - Returns: the candidates' numbers, for preparing everything that they are started with, and the commands that
    ///   start them afterwards.
    mutating func beginReload(
        _ changes: [PoolChange], rejected: [ReloadFailure] = [], now: Int
    ) -> (candidates: [String: Int], commands: [PoolManagerCommand]) {
        guard phase == .running, reload == nil else { return ([:], []) }
        var reload = ReloadProgress(rejected: rejected)
        var decisions: [(name: String, decision: PoolDecision)] = []
        for change in changes {
            switch change {
            case .added(let name, let rules, let seed):
                var pool = PoolStateMachine(rules: rules, seed: seed)
                reload.add(name, candidate: pool.generation)
                decisions.append((name, pool.handle(.started, now: now)))
                pools[name] = pool
            case .replaced(let name, let rules):
                guard let (generation, decision) = pools[name]?.replace(rules, now: now) else { continue }
                reload.add(name, candidate: generation)
                decisions.append((name, decision))
            case .unscaled(let name):
                if let decision = pools[name]?.handle(.unscaled, now: now) { decisions.append((name, decision)) }
            case .removed(let name):
                retiring.insert(name)
                if let decision = pools[name]?.handle(.stopRequested(atOnce: false), now: now) {
                    decisions.append((name, decision))
                }
            }
        }
        self.reload = reload
        let commands = decisions.flatMap { carry($0.decision, of: $0.name, now) }
        return (reload.candidates, commands + endReloadIfOver())
    }

    private mutating func endReloadIfOver() -> [PoolManagerCommand] {
        guard let reload, reload.isOver else { return [] }
        self.reload = nil
        return [.endReload(reload)]
    }

    // MARK: Stopping

    private mutating func stop(status: Int32, atOnce: Bool, _ now: Int) -> [PoolManagerCommand] {
        if !isStopping { phase = .stopping(status: status) }
        var commands: [PoolManagerCommand] = [.stopListening]
        for name in pools.keys.sorted() { commands += tell(name, .stopRequested(atOnce: atOnce), now) }
        if pools.isEmpty { commands.append(.finish(status: status)) }
        return commands
    }

    private mutating func stopped(_ name: String) -> [PoolManagerCommand] {
        if case .stopping(let status) = phase {
            return pools.values.allSatisfy { $0.phase == .stopped } ? [.finish(status: status)] : []
        }
        guard retiring.remove(name) != nil else { return [] }
        pools[name] = nil
        return [.forget(pool: name)]
    }
}
