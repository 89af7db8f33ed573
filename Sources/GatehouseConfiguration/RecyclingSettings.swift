/// When a worker is replaced by a fresh one, its successor first. `nil`: never.
public struct RecyclingSettings: Equatable, Sendable {
    /// `limits: { requests-per-worker: 100000 }`. Each worker's own number is up to a tenth lower, so that workers that
    /// started together do not end together.
    public var requests: Int?
    /// `limits: { memory: 512MiB }`: resident bytes.
    public var memory: Int?
    /// `limits: { worker-age: 24h }`: milliseconds, with the same jitter.
    public var age: Int?

    public init() {}
}
