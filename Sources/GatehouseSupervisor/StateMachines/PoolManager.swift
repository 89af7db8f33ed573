/// What the supervisor does about all its pools together, as a function of what happened.
///
/// A pool's own affairs are ``PoolStateMachine``'s; here is when everything is ready, what a reload has come to, and
/// when the supervisor may leave.
struct PoolManager: Sendable {
    enum Phase: Equatable, Sendable {
        /// Pools are being started for the first time. Can become: running, stopping.
        case starting
        /// Can become: stopping.
        case running
        /// Everything ends; then the supervisor leaves with this status. Final.
        case stopping(status: Int32)
    }

    var isStopping: Bool {
        if case .stopping = phase { true } else { false }
    }

    private(set) var phase = Phase.starting
    /// Whether a pool that cannot be started at the first start ends everything.
    var isStrict = false
    /// Why pools could not be started at the first start, in the order in which that was found.
    private(set) var startFailures: [ReloadFailure] = []
    private(set) var pools: [String: PoolStateMachine] = [:]
    /// Pools of which the reload at hand has not heard yet; `nil` where there is none.
    private(set) var reloading: Set<String>?
    private var reloadFailures: [ReloadFailure] = []
    /// Pools that a new configuration no longer has.
    private var retiring: Set<String> = []

    mutating func handle(_ event: PoolManagerEvent, now: Int) -> [PoolManagerAction] {
        switch event {
        case .pool(let name, let event): return tell(name, event, now)
        case .clockAdvanced: return pools.keys.sorted().flatMap { tell($0, .clockAdvanced, now) }
        case .stopRequested(let atOnce): return stop(status: 0, atOnce: atOnce, now)
        case .reloaded(let changes): return reload(changes, now)
        }
    }

    /// When `clockAdvanced` has something to do; `nil` for never.
    func deadline(now: Int) -> Int? {
        pools.values.compactMap { $0.deadline(now: now) }.min()
    }

    private mutating func tell(_ name: String, _ event: PoolEvent, _ now: Int) -> [PoolManagerAction] {
        // A pool that is gone may still be spoken of by what was already on its way.
        guard let actions = pools[name]?.handle(event, now: now) else { return [] }
        // All that the pool decided comes before what follows from it, which may concern the same workers.
        return actions.map { .pool(name, $0) } + actions.flatMap { consequences(of: $0, from: name, now) }
    }

    private mutating func consequences(of action: PoolAction, from name: String, _ now: Int) -> [PoolManagerAction] {
        switch action {
        case .say, .spawn, .prepare, .tellRollback, .order, .signal, .reportCrash, .replacementServes: []
        case .becameReady, .replacementServesAlone: settled(name, nil, now)
        case .replacementFailed(let message, let status):
            settled(name, ReloadFailure(pool: name, message: message, exitStatus: status), now)
        case .failedToStart(let message, let status): failedToStart(name, message, status, now)
        case .stopped: stopped(name)
        }
    }

    // MARK: Starting and reloading

    /// A pool of the start or the reload at hand is where it should be, or will not be.
    private mutating func settled(_ name: String, _ failure: ReloadFailure?, _ now: Int) -> [PoolManagerAction] {
        if phase == .starting {
            if let failure { startFailures.append(failure) }
            return startEnded(now)
        }
        guard reloading?.remove(name) != nil else { return [] }
        if let failure { reloadFailures.append(failure) }
        return reloadEnded()
    }

    /// The first start is over when each pool serves or cannot. What serves is not taken from its clients because its
    /// neighbour does not; where nothing serves, whoever started us shall see that.
    private mutating func startEnded(_ now: Int) -> [PoolManagerAction] {
        guard phase == .starting, pools.values.allSatisfy({ $0.phase != .starting }) else { return [] }
        if let first = startFailures.first, isStrict || pools.values.allSatisfy({ $0.phase == .failed }) {
            return stop(status: first.exitStatus, atOnce: true, now)
        }
        phase = .running
        return [.announceReady]
    }

    private mutating func reloadEnded() -> [PoolManagerAction] {
        guard let rest = reloading, rest.isEmpty else { return [] }
        reloading = nil
        defer { reloadFailures = [] }
        return [.reloadEnded(reloadFailures)]
    }

    private mutating func failedToStart(
        _ name: String, _ message: String, _ status: Int32, _ now: Int
    ) -> [PoolManagerAction] {
        let failure = ReloadFailure(pool: name, message: message, exitStatus: status)
        if phase == .starting {
            return isStrict ? stop(status: status, atOnce: true, now) : settled(name, failure, now)
        }
        // A pool that a reload has brought.
        let actions = settled(name, failure, now)
        retiring.insert(name)
        return actions + tell(name, .stopRequested(atOnce: true), now)
    }

    private mutating func reload(_ changes: [PoolChange], _ now: Int) -> [PoolManagerAction] {
        guard phase != .starting, !isStopping, reloading == nil else { return [] }
        reloading = Set(changes.compactMap(\.nameToWaitFor))
        var actions: [PoolManagerAction] = []
        for change in changes {
            switch change {
            case .added(let name, let rules, let seed): actions += add(name, rules, seed: seed, now)
            case .replaced(let name, let rules): actions += tell(name, .replaced(rules), now)
            case .unscaled(let name): actions += tell(name, .unscaled, now)
            case .removed(let name): actions += remove(name, now)
            }
        }
        return actions + reloadEnded()
    }

    private mutating func remove(_ name: String, _ now: Int) -> [PoolManagerAction] {
        retiring.insert(name)
        return tell(name, .stopRequested(atOnce: false), now)
    }

    private mutating func add(_ name: String, _ rules: PoolRules, seed: UInt64, _ now: Int) -> [PoolManagerAction] {
        pools[name] = PoolStateMachine(rules: rules, seed: seed)
        return tell(name, .started, now)
    }

    /// Starts everything for the first time.
    /// - Parameters:
    ///   - inherited: what the supervisor before this one has left, by pool; where the configuration has a pool no longer,
    ///     its workers finish what they have.
    ///   - failures: pools of which no worker can be started yet, because something that they need cannot be had.
    mutating func start(
        _ rules: [(name: String, rules: PoolRules)], inherited: [String: InheritedPool] = [:],
        failures: [ReloadFailure] = [], seed: UInt64, now: Int
    ) -> [PoolManagerAction] {
        for (name, rules) in rules { pools[name] = PoolStateMachine(rules: rules, seed: seed) }
        let orphans = inherited.keys.filter { pools[$0] == nil }.sorted()
        for name in orphans { pools[name] = PoolStateMachine(rules: PoolRules(), seed: seed) }
        var actions: [PoolManagerAction] = []
        for name in rules.map(\.name) + orphans {
            let failure = failures.first { $0.pool == name }
            let failed = failure.map { PoolEvent.setUpFailed(message: $0.message, exitStatus: $0.exitStatus) }
            actions += tell(name, failed ?? inherited[name].map { .inherited($0) } ?? .started, now)
        }
        for name in orphans { actions += remove(name, now) }
        return actions + startEnded(now)
    }

    // MARK: Stopping

    private mutating func stop(status: Int32, atOnce: Bool, _ now: Int) -> [PoolManagerAction] {
        if case .stopping(let earlier) = phase {
            phase = .stopping(status: earlier)
        } else {
            phase = .stopping(status: status)
        }
        var actions: [PoolManagerAction] = [.stopListening]
        for name in pools.keys.sorted() { actions += tell(name, .stopRequested(atOnce: atOnce), now) }
        if pools.isEmpty { actions.append(.finish(status: status)) }
        return actions
    }

    private mutating func stopped(_ name: String) -> [PoolManagerAction] {
        if case .stopping(let status) = phase {
            return pools.values.allSatisfy { $0.phase == .stopped } ? [.finish(status: status)] : []
        }
        guard retiring.remove(name) != nil else { return [] }
        pools[name] = nil
        return [.forget(pool: name)]
    }
}
