import GatehouseSystem

/// The time for which a connection may hold its loop at a stretch.
struct LoopTurn {
    private static let limit: Int64 = 2_000_000
    private let end = MonotonicClock.nanoseconds() + Self.limit
    private var steps = 0

    /// Whether the time is over. Looks at the clock now and then only.
    var isOver: Bool {
        mutating get {
            steps += 1
            return steps & 15 == 0 && MonotonicClock.nanoseconds() >= end
        }
    }
}
