public import GatehousePlan

/// One pool: its endpoints, the modules or the program of its workers, and their limits.
public struct PoolConfiguration: Equatable, Sendable {
    /// More threads would be a mistake: one serves tens of thousands of requests a second.
    public static let eventLoopRange = 1...16
    /// More workers would have no place on the pool's balance board while two generations overlap.
    public static let workerRange = 1...100

    public var name: String
    public var endpoints: [Endpoint]
    /// The users who may connect to the endpoints.
    public var socket = SocketSettings()
    public var modules: [ConfiguredModule]
    /// A program to run instead of modules; `nil` for a pool of modules.
    public var program: ProgramSettings?
    /// The limits that the configuration sets.
    public var limits = LimitsPlan()
    /// Threads that serve connections, in each worker.
    public var eventLoops = 1
    /// The number of workers.
    public var workers = WorkerCount.fixed(1)
    public var process = ProcessSettings()
    /// `nil` if it is off.
    public var quarantine: QuarantineSettings? = QuarantineSettings()
    public var stalls = StallPlan()
    /// `nil` for no access log.
    public var accessLog: AccessLogSettings?
    public var logLevel = LogLevel.info

    public init(name: String, endpoints: [Endpoint] = [], modules: [ConfiguredModule] = []) {
        self.name = name
        self.endpoints = endpoints
        self.modules = modules
    }
}
