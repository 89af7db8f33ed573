/// What happens to the supervisor as a whole.
enum PoolManagerEvent: Equatable, Sendable {
    case pool(String, PoolEvent)
    case stopRequested(atOnce: Bool)
    /// A configuration was read and found right; this is what it changes.
    case reloaded([PoolChange])
    /// Time has passed; nothing else happened.
    case clockAdvanced
}

/// What a configuration changes about one pool.
enum PoolChange: Equatable, Sendable {
    case added(String, PoolRules, seed: UInt64)
    case replaced(String, PoolRules)
    case removed(String)
    /// It stays as it is, with as many workers as the configuration says and no longer as an operator has said.
    case unscaled(String)

    /// The pool whose new workers decide whether the reload has worked.
    var nameToWaitFor: String? {
        switch self {
        case .added(let name, _, _), .replaced(let name, _): name
        case .removed, .unscaled: nil
        }
    }
}

/// Why a pool did not take a new configuration.
struct ReloadFailure: Equatable, Sendable {
    var pool: String
    var message: String
    var exitStatus: Int32
}
