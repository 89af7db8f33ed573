/// The limits that a configuration sets; `nil` leaves the worker's default. Sizes in bytes, times in milliseconds,
/// 0 for a time switches it off. The reasons stand beside the defaults, in GatehouseWire's `Limits`.
public struct LimitsPlan: Codable, Sendable, Equatable {
    public var parameterBytes: Int?
    public var parameterCount: Int?
    public var parameterNameLength: Int?
    public var parameterValueLength: Int?
    public var targetLength: Int?
    public var headBytesPerConnection: Int?
    public var headBytesPerWorker: Int?
    public var concurrentRequests: Int?
    public var connections: Int?
    public var bodyBytes: Int?
    public var bufferedBytesPerRequest: Int?
    public var bufferedBytesPerConnection: Int?
    public var headTime: Int?
    public var bodyIdleTime: Int?
    public var writeIdleTime: Int?
    public var requestTime: Int?
    public var stalledRequestTime: Int?
    public var drainTime: Int?
    /// How long a module may take to load and initialise before the worker is given up. Enforced by the supervisor's
    /// side.
    public var loadTime: Int?

    public init() {}
}
