import GatehouseConfiguration
import GatehousePlan

/// A reload that an operator asked for and that has not begun.
struct ReloadRequest {
    /// The only pool that is to change; `nil` for all.
    var pool: String?
    /// Commands that wait for the outcome.
    var waiters: [ControlClient] = []
    /// Whether every pool gets new workers, changed or not.
    var isForced = false
}

/// The reload under way: everything that the supervisor needs to undo it pool by pool, and to answer for it. The
/// outcomes of its candidate generations are in ``ReloadProgress``.
struct Reload {
    var request: ReloadRequest
    /// The configuration that was read for it.
    let configuration: Configuration
    /// Sockets that were opened for it.
    var opened: Set<Endpoint> = []
    /// The access logs that pools had before it.
    var accessLogs: [String: LogFile?] = [:]
    /// The generation that is tried in each changed pool, as the pool manager numbered it.
    var candidates: [String: Int] = [:]

    /// The pools that serve after it: pools that were rejected, or that it does not concern, stay as they were.
    func outcome(_ progress: ReloadProgress, of old: [PoolConfiguration]) -> [PoolConfiguration] {
        var pools = configuration.pools
        if let only = request.pool { pools = old.filter { $0.name != only } + pools.filter { $0.name == only } }
        let failed = Set(progress.failures.map(\.pool))
        return pools.compactMap { pool in failed.contains(pool.name) ? old.first { $0.name == pool.name } : pool }
    }
}

/// The reload under way, those that wait for its end, and how the last one ended.
struct Reloads {
    var current: Reload?
    private(set) var waiting: [ReloadRequest] = []
    /// The reason why the last reload failed; `nil` if it did not.
    var lastFailure: String?
    /// The time at which the configuration that serves was read, in seconds since 1970.
    var loadedAt: Int

    /// Queued requests for the same target are merged; a request for one pool and a request for all stay separate.
    mutating func add(pool: String?, _ client: ControlClient?) {
        let waiters = client.map { [$0] } ?? []
        if let same = waiting.firstIndex(where: { $0.pool == pool }) {
            waiting[same].waiters += waiters
        } else {
            waiting.append(ReloadRequest(pool: pool, waiters: waiters))
        }
    }

    mutating func takeNext() -> ReloadRequest? { waiting.isEmpty ? nil : waiting.removeFirst() }

    /// Forgets every request; one that is under way goes on, and answers no command any more.
    /// - Returns: the commands that waited, those of the reload under way included.
    mutating func giveUp() -> [ControlClient] {
        defer {
            waiting = []
            current?.request.waiters = []
        }
        return (current?.request.waiters ?? []) + waiting.flatMap(\.waiters)
    }
}
