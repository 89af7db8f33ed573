/// A configuration's change to one pool.
enum PoolChange: Equatable, Sendable {
    case added(String, PoolRules, seed: UInt64)
    case replaced(String, PoolRules)
    case removed(String)
    /// The pool stays as it is, with the configured number of workers instead of an operator's.
    case unscaled(String)
}

/// The reason why a pool did not take a new configuration, or could not be started at all.
struct ReloadFailure: Equatable, Sendable {
    var pool: String
    var message: String
    var exitStatus: Int32
}

/// The pure part of a reload: each changed pool's candidate generation, and whether it was promoted or rejected.
struct ReloadProgress: Equatable, Sendable {
    enum Outcome: Equatable, Sendable {
        case awaited, promoted, rejected
    }

    /// The candidate generation of each pool that has one.
    private(set) var candidates: [String: Int] = [:]
    private(set) var outcomes: [String: Outcome] = [:]
    /// Rejections with their reasons, in the order in which they became known.
    private(set) var failures: [ReloadFailure] = []

    /// - Parameter rejected: pools whose new part could not even be prepared.
    init(rejected: [ReloadFailure] = []) {
        failures = rejected
        for failure in rejected { outcomes[failure.pool] = .rejected }
    }

    /// - Parameter candidate: the generation to be tried; `nil` if the pool is in no state to try one.
    mutating func add(_ pool: String, candidate: Int?) {
        candidates[pool] = candidate
        outcomes[pool] = .awaited
    }

    /// A pool's outcome is known. Outcomes that the reload does not wait for, such as a renewal's, change nothing.
    mutating func settle(_ pool: String, _ failure: ReloadFailure?) {
        guard outcomes[pool] == .awaited else { return }
        outcomes[pool] = failure == nil ? .promoted : .rejected
        if let failure { failures.append(failure) }
    }

    var isOver: Bool { !outcomes.values.contains(.awaited) }
}
