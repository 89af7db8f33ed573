public import GatehousePlan

/// A module of a pool, and where it was named.
public struct ConfiguredModule: Equatable, Sendable {
    public var plan: ModulePlan
    /// Where its path was written, for messages: `gatehouse.yaml:7:32`; empty for the command line.
    public var origin: String

    public init(_ plan: ModulePlan, origin: String = "") {
        self.plan = plan
        self.origin = origin
    }
}
