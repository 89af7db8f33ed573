/// From when on an event loop that is held by one handler is reported. Milliseconds; 0 is never.
public struct StallPlan: Codable, Sendable, Equatable {
    /// The log says which request holds the loop.
    public var reportAfter = 1_000
    /// The log shows where in the code.
    public var backtraceAfter = 5_000

    public init() {}
}
