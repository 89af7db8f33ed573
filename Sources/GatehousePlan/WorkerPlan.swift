/// What a worker is told to do, complete: it reads no configuration, no environment variable and no argument besides.
///
/// The supervisor's side writes it as JSON to an inherited descriptor, the worker reads it to its end.
public struct WorkerPlan: Codable, Sendable, Equatable {
    /// The pool's name, for logs.
    public var pool: String
    /// Tells this worker from every other of the same supervisor; it only ever goes up.
    public var worker = 0
    /// Which generation of its pool the worker belongs to.
    public var generation = 0
    /// Listening sockets that the worker inherits.
    public var listeners: [ListenerPlan]
    public var modules: [ModulePlan]
    /// Threads that serve connections.
    public var eventLoops: Int
    public var limits: LimitsPlan
    /// trace, debug, info, notice, warning, error or critical.
    public var logLevel: String
    public var descriptors = DescriptorPlan()
    /// Whether the worker accepts as soon as it is ready; otherwise it waits for ``WorkerOrder/accept``.
    public var acceptsAtOnce = true
    /// The worker's place on the pool's balance board.
    public var balanceCell = 0
    public var accessLog: AccessLogPlan?
    public var stalls = StallPlan()
    /// How many requests the worker may take; it says with ``WorkerReport/requestsLeft(_:)`` how many it still may.
    public var requests: Int?
    /// Routes that are answered 503 from the start.
    public var quarantine: [QuarantinedRoute] = []

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
