/// What a worker is told to do, complete: it reads no configuration, no environment variable and no argument besides.
///
/// The supervisor's side writes it as JSON to an inherited descriptor, the worker reads it to its end.
public struct WorkerPlan: Codable, Sendable, Equatable {
    /// The pool's name, for logs.
    public var pool: String
    /// Listening sockets that the worker inherits.
    public var listeners: [ListenerPlan]
    public var modules: [ModulePlan]
    /// Threads that serve connections.
    public var eventLoops: Int
    public var limits: LimitsPlan
    /// trace, debug, info, notice, warning, error or critical.
    public var logLevel: String

    public init(
        pool: String, listeners: [ListenerPlan], modules: [ModulePlan], eventLoops: Int = 1,
        limits: LimitsPlan = LimitsPlan(), logLevel: String = "info"
    ) {
        self.pool = pool
        self.listeners = listeners
        self.modules = modules
        self.eventLoops = eventLoops
        self.limits = limits
        self.logLevel = logLevel
    }
}
