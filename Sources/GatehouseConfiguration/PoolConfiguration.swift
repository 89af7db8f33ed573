public import GatehousePlan

/// One pool: its endpoints, its modules, and what its workers are held to.
public struct PoolConfiguration: Equatable, Sendable {
    /// More threads than this are a mistake: one serves tens of thousands of requests a second.
    public static let eventLoopRange = 1...256

    public var name: String
    public var endpoints: [Endpoint]
    public var socket = SocketSettings()
    public var modules: [ConfiguredModule]
    public var limits = LimitsPlan()
    /// Threads that serve connections, in each worker.
    public var eventLoops = 1
    public var logLevel = LogLevel.info

    public init(name: String, endpoints: [Endpoint] = [], modules: [ConfiguredModule] = []) {
        self.name = name
        self.endpoints = endpoints
        self.modules = modules
    }
}
