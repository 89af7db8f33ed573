/// `quarantine: { crashes: 3, within: 1m, for: 5m }`: a route that has killed so many workers in that time is answered
/// 503 for a while. Times in milliseconds.
public struct QuarantineSettings: Equatable, Sendable {
    public var crashes = 3
    public var window = 60_000
    public var duration = 300_000

    public init() {}
}
