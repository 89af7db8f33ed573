/// How many workers a pool has.
public enum WorkerCount: Equatable, Sendable {
    /// `workers: 4`
    case fixed(Int)
    /// `workers: { min: 2, max: 8, spare: 1 }`: grows while fewer than `spare` workers are without a request, and
    /// shrinks again when more have been for `idle` milliseconds.
    case scaled(min: Int, max: Int, spare: Int, idle: Int)
    /// `workers: { on-demand: 4, idle: 60s }`: none until somebody connects, and none again when no request has come
    /// for `idle` milliseconds.
    case onDemand(max: Int, idle: Int)

    /// As many as there can ever be in one generation.
    public var most: Int {
        switch self {
        case .fixed(let count): count
        case .scaled(_, let max, _, _), .onDemand(let max, _): max
        }
    }

    /// As many as there are from the start.
    public var least: Int {
        switch self {
        case .fixed(let count): count
        case .scaled(let min, _, _, _): min
        case .onDemand: 0
        }
    }
}
