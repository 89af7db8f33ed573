/// How everything fares at one moment. Durations are milliseconds, sizes bytes, moments seconds since 1970.
public struct StatusReport: Codable, Equatable, Sendable {
    public var version: String
    public var pid: Int32
    public var startedAt: Int
    public var uptime: Int
    public var residentBytes: Int
    /// Processor time that the supervisor has used.
    public var processorTime: Int
    /// The configuration file, empty where the command line said it all.
    public var configuration: String
    /// When the configuration was last read with success.
    public var loadedAt: Int
    /// Why the last reload failed; `nil` where it did not.
    public var lastReloadFailure: String?
    public var pools: [PoolStatus]

    public init(
        version: String, pid: Int32, startedAt: Int, uptime: Int, residentBytes: Int, processorTime: Int,
        configuration: String, loadedAt: Int, lastReloadFailure: String?, pools: [PoolStatus]
    ) {
        self.version = version
        self.pid = pid
        self.startedAt = startedAt
        self.uptime = uptime
        self.residentBytes = residentBytes
        self.processorTime = processorTime
        self.configuration = configuration
        self.loadedAt = loadedAt
        self.lastReloadFailure = lastReloadFailure
        self.pools = pools
    }
}
