public import GatehouseWire

extension Limits {
    /// The limits as they ship, or ones so small that short inputs get to them.
    public static func fuzzed(small: Bool) -> Limits {
        var limits = Limits()
        guard small else { return limits }
        limits.parameterBytes = 512
        limits.parameterCount = 12
        limits.parameterNameLength = 64
        limits.parameterValueLength = 256
        limits.concurrentRequests = 3
        limits.bodyBytes = 300
        return limits
    }
}
