import GatehouseConfiguration

/// What one supervisor leaves to the program that takes its place in the same process: everything that has a
/// descriptor. JSON in a file in memory, which is inherited.
struct UpgradeState: Codable, Equatable {
    /// Where the new program finds the file's descriptor.
    static let variable = "GATEHOUSE_UPGRADE"
    static let currentVersion = 1

    var version = currentVersion
    var sockets: [Socket] = []
    var pools: [Pool] = []
    /// The connections of commands that wait for the upgrade's end.
    var clients: [Int32] = []
    var startedAt: Int
    var started: Int

    struct Socket: Codable, Equatable {
        /// As the operator wrote it.
        var endpoint: String
        var descriptor: Int32
        /// The file that is ours to remove; `nil` where it is somebody else's.
        var path: String?
        var device: UInt?
        var inode: UInt?
    }

    struct Pool: Codable, Equatable {
        var name: String
        var balance: Int32
        var generation: Int
        var crashes: Int
        var spawned: Int
        var workers: [Worker]
        /// Connections that wait for a worker.
        var handedOver: [HandedOverConnections.Connection]?
    }

    struct Worker: Codable, Equatable {
        var facts: WorkerFacts
        /// Whether it accepts; otherwise it is leaving.
        var isServing: Bool
        /// What its listeners are, in its plan's order.
        var endpoints: [String]
    }

    /// Every descriptor that the new program needs.
    var descriptors: [Int32] {
        sockets.map(\.descriptor) + clients
            + pools.flatMap { pool in
                [pool.balance] + (pool.handedOver ?? []).map(\.descriptor)
                    + pool.workers.flatMap { worker in
                        let facts = worker.facts
                        return [facts.control, facts.passing, facts.output, facts.scoreboard, facts.crashFile]
                    }
            }
            .filter { $0 >= 0 }
    }
}
