/// The request of an operator's command to a running supervisor, on its control socket: one JSON object a line, one for
/// each connection.
public enum ControlRequest: Codable, Equatable, Sendable {
    case status
    /// Read the configuration and the modules again; if a pool is named, for this one only.
    case reload(pool: String?)
    /// Have the pool finish its requests and take nothing new, until it is scaled or reloaded.
    case drain(pool: String)
    case stop(atOnce: Bool)
    /// Give the pool this many workers until the next reload.
    case scale(pool: String, workers: Int)
    /// Lift quarantines: of one pool, of one route (`GET /report`), or all.
    case release(pool: String?, route: String?)
    /// Replace the supervisor by the program on disk.
    case upgrade
    /// Reopen log files.
    case reopen
}

/// One line of the supervisor's reply: any number of `progress`, then one of the others, and the end of the connection.
public enum ControlReply: Codable, Equatable, Sendable {
    case progress(String)
    case done(String)
    /// The message is complete: what is wrong, where, what to do. The status is the command's exit status.
    case failed(message: String, exitStatus: Int32)
    case status(StatusReport)
}

/// The last line of a reply, if the request has ended well.
public enum ControlAnswer: Equatable, Sendable {
    case done(String)
    case status(StatusReport)
}
