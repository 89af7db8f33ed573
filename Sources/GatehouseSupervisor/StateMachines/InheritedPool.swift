/// A pool as the supervisor before this one has left it.
struct InheritedPool: Equatable, Sendable {
    struct Worker: Equatable, Sendable {
        var number: Int
        var generation: Int
        var startedAt: Int
        /// Whether it accepts.
        var isServing: Bool
        /// Whether it was told to leave; `nil`: an earlier program has not said.
        var isDraining: Bool?
        var hasStoppedAccepting = false
        /// Until when it may drain; `nil` is for ever.
        var deadline: Int?
        /// What it was started with, which the configuration may say differently now.
        var rules: PoolRules
    }

    var workers: [Worker] = []
    /// The generation that serves, and the last numbers that were given.
    var generation = 1
    var lastGeneration = 1
    var lastWorker = 0
    var isDrained = false
    /// Why nobody serves; `nil` where somebody does.
    var startFailure: String?
    var crashes = 0
    var spawned = 0
}
