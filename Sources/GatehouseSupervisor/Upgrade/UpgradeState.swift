import GatehouseConfiguration
import GatehousePlan

/// The state that one supervisor leaves to the program that takes its place in the same process: everything that has a
/// descriptor, and all counts. JSON in a file in memory, which is inherited.
///
/// Fields that later versions added are optional, so that each version can read the files of earlier and of later ones.
/// The version number rises when that is not enough.
struct UpgradeState: Codable, Equatable {
    /// The environment variable in which the new program finds the file's descriptor.
    static let variable = "GATEHOUSE_UPGRADE"
    static let currentVersion = 1

    var version = currentVersion
    var sockets: [Socket] = []
    var pools: [Pool] = []
    /// The connections of commands that wait for the upgrade's end.
    var clients: [Int32] = []
    /// Log lines that nobody read and that were given up; `nil` if the version before did not count them.
    var lostLines: Int?
    var startedAt: Int
    var started: Int

    struct Socket: Codable, Equatable {
        /// The endpoint as the operator wrote it.
        var endpoint: String
        var descriptor: Int32
        /// The file that is ours to remove; `nil` if it is somebody else's.
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
        /// The endpoints that it listens on, as the operator wrote them.
        var endpoints: [String]?
        /// Connections that wait for a worker.
        var handedOver: [HandedOverConnections.Connection]?
        /// The generation that serves; `generation` is the last number that was given to one.
        var servingGeneration: Int?
        var lastWorker: Int?
        var isDrained: Bool?
        /// The reason why no worker serves.
        var startFailure: String?
        /// Counts of workers that have ended.
        var past: ScoreboardReader.Totals?
        var lastCrash: String?
        var longestQueues: [String: Int]?
        var quarantine: [Quarantine.Route: Quarantine.Record]?
        /// The descriptor of the memory with requests that have crashed a worker.
        var culprits: Int32?
    }

    struct Worker: Codable, Equatable {
        var facts: WorkerFacts
        /// Whether it accepts.
        var isServing: Bool
        /// The endpoints of its listeners, in its plan's order.
        var endpoints: [String]
        var drainTime: Int?
        var requestTime: Int?
        /// The signal that tells a program to leave.
        var stopSignal: Int32?
        /// Whether it was told to leave, whether it has stopped accepting since, and until when it may take, in
        /// milliseconds of the monotonic clock.
        var isDraining: Bool?
        var hasStoppedAccepting: Bool?
        var deadline: Int?
        var databases: [DatabaseUse]?
        var jobs: [JobUse]?
    }

    /// Every descriptor that the new program needs.
    var descriptors: [Int32] {
        sockets.map(\.descriptor) + clients
            + pools.flatMap { pool in
                let own = [pool.balance, pool.culprits ?? -1] + (pool.handedOver ?? []).map(\.descriptor)
                return own
                    + pool.workers.flatMap { worker in
                        let facts = worker.facts
                        return [facts.control, facts.handOver, facts.output, facts.scoreboard, facts.crashFile]
                    }
            }
            .filter { $0 >= 0 }
    }
}
