/// The numbers under which a worker finds what it inherits beside its listening sockets. `nil`: it has none.
public struct DescriptorPlan: Codable, Sendable, Equatable {
    /// Connections that change workers, and log files that were opened anew: see ``HandOverMessage``.
    public var handOver: Int32?
    /// The worker's scoreboard, memory that the supervisor only reads (`gatehouse_scoreboard.h`).
    public var scoreboard: Int32?
    /// The pool's balance board, memory that all its workers write (`gatehouse_scoreboard.h`).
    public var balance: Int32?
    /// The requests that have crashed a worker of the pool, memory that all its workers write (`gatehouse_culprits.h`).
    public var culprits: Int32?
    /// An empty file in memory for the backtrace of a crash.
    public var crash: Int32?

    public init() {}
}
