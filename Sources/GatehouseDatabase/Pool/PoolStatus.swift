/// A look at the connections of a ``Database`` in this worker.
public struct PoolStatus: Sendable, Equatable {
    /// Connections that are open or being opened.
    public var open: Int
    /// Connections that nobody uses.
    public var idle: Int
    /// Callers that wait for a connection.
    public var waiting: Int
    /// The longest time that one of these has waited so far.
    public var longestWait: Duration
    /// The most connections: those of all event loops that have used the database.
    public var limit: Int

    /// Makes a status.
    public init(open: Int = 0, idle: Int = 0, waiting: Int = 0, longestWait: Duration = .zero, limit: Int = 0) {
        self.open = open
        self.idle = idle
        self.waiting = waiting
        self.longestWait = longestWait
        self.limit = limit
    }
}
