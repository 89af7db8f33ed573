/// What makes a worker's process known: to the supervisor that has started it, and to the one that takes its place.
struct WorkerFacts: Codable, Equatable {
    var number: Int
    var generation: Int
    var pid: Int32
    /// Seconds since 1970, and milliseconds of the monotonic clock.
    var startedAt: Int
    var started: Int
    // Our descriptors; -1 where there is none.
    var control: Int32 = -1
    var handOver: Int32 = -1
    var output: Int32 = -1
    var scoreboard: Int32 = -1
    var crashFile: Int32 = -1
    var balanceCell = 0

    /// A program has no scoreboard; it knows nothing of us.
    var isProgram: Bool { scoreboard < 0 }
}
