/// What an operator asks of a running supervisor over its control socket: one JSON object a line, one for each
/// connection.
public enum ControlRequest: Codable, Equatable, Sendable {
    case status
    /// Read the configuration and the modules anew; only this pool where one is named.
    case reload(pool: String?)
    /// The pool finishes what it has and takes nothing new, until it is scaled or reloaded.
    case drain(pool: String)
    case stop(atOnce: Bool)
    /// The pool keeps this many workers until the next reload.
    case scale(pool: String, workers: Int)
    /// Lift quarantines: of one pool, of one route (`GET /report`), or all.
    case release(pool: String?, route: String?)
    /// Replace the supervisor by the program on disk.
    case upgrade
    /// Open log files anew.
    case reopen
}
