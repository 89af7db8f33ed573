public import GatehousePlan

/// The state of a supervisor, its pools and workers at one moment. Durations are milliseconds, sizes bytes, moments
/// seconds since 1970.
public struct StatusReport: Codable, Equatable, Sendable {
    /// Gatehouse's version.
    public var version: String
    public var pid: Int32
    /// The moment at which the supervisor started.
    public var startedAt: Int
    public var uptime: Int
    public var residentBytes: Int
    /// Processor time that the supervisor has used.
    public var processorTime: Int
    /// The configuration file, empty if the command line named everything.
    public var configuration: String
    /// The moment at which the configuration was last read with success.
    public var loadedAt: Int
    /// The reason why the last reload failed; `nil` if it did not.
    public var lastReloadFailure: String?
    public var pools: [PoolStatus]

    public init(
        version: String, pid: Int32, startedAt: Int, uptime: Int, residentBytes: Int, processorTime: Int,
        configuration: String, loadedAt: Int, lastReloadFailure: String?, pools: [PoolStatus]
    ) {
        self.version = version
        self.pid = pid
        self.startedAt = startedAt
        self.uptime = uptime
        self.residentBytes = residentBytes
        self.processorTime = processorTime
        self.configuration = configuration
        self.loadedAt = loadedAt
        self.lastReloadFailure = lastReloadFailure
        self.pools = pools
    }
}

/// The state of one pool.
public struct PoolStatus: Codable, Equatable, Sendable {
    /// The pool's state in one word.
    public enum State: String, Codable, Sendable {
        /// No worker is ready yet.
        case starting
        case serving
        /// Workers crash faster than they are replaced, there are fewer than there should be, or none can be started.
        case degraded
        /// An on-demand pool that waits for a connection.
        case idle
        /// It was told to take nothing new; its workers finish their requests, or have ended.
        case drained
    }

    public var name: String
    public var state: State
    /// The generation that serves, or is about to.
    public var generation: Int
    /// The number of workers that it should have at this moment.
    public var wantedWorkers: Int
    /// The number that `gatehouse scale` has set, until the configuration is read anew; `nil` if it has set none.
    public var scaledTo: Int?
    public var endpoints: [EndpointStatus]
    public var workers: [WorkerStatus] = []
    public var quarantines: [QuarantineStatus] = []
    /// Workers that ended without being told to, since the supervisor started.
    public var crashes = 0
    /// Workers that were started, since the supervisor started.
    public var spawned = 0
    /// Since the supervisor started, workers that have ended included. `nil` for a program, whose requests Gatehouse
    /// does not see.
    public var requests: Int?
    public var acceptedConnections: Int?
    /// Answers of 5xx.
    public var failures: Int?
    /// Bytes of requests' bodies, and of responses' bodies.
    public var bodyBytes: Int?
    public var responseBytes: Int?
    /// The most workers that had a request at one time.
    public var mostActiveWorkers: Int?
    /// The number of times that the pool needed more workers than it may have.
    public var timesAtMaximum = 0
    /// The reason why no worker can be started, if none serves; clients are answered 503.
    public var startFailure: String?
    /// Connections that were answered 503 because nobody served.
    public var refusedConnections: Int?
    /// The last crash in one line; `nil` if there was none.
    public var lastCrash: String?

    public init(name: String, state: State, generation: Int, wantedWorkers: Int, endpoints: [EndpointStatus]) {
        self.name = name
        self.state = state
        self.generation = generation
        self.wantedWorkers = wantedWorkers
        self.endpoints = endpoints
    }
}

/// One listening socket.
public struct EndpointStatus: Codable, Equatable, Sendable {
    public var endpoint: String
    /// Connections that wait to be accepted, and the most that can; `nil` if the kernel does not say.
    public var queue: Int?
    public var queueLimit: Int?
    /// The longest queue that was seen.
    public var longestQueue: Int
    /// The socket file's mode, owner and group, which decide who may connect. `nil` for a socket without a file.
    public var access: String?
    /// The reason why nobody, or only root, can connect, and the remedy.
    public var problem: String?

    public init(endpoint: String, queue: Int?, queueLimit: Int?, longestQueue: Int) {
        self.endpoint = endpoint
        self.queue = queue
        self.queueLimit = queueLimit
        self.longestQueue = longestQueue
    }
}

/// A route that is answered 503 because it killed workers.
public struct QuarantineStatus: Codable, Equatable, Sendable {
    public var method: String
    public var path: String
    public var crashes: Int
    /// Milliseconds until it is lifted.
    public var left: Int

    public init(method: String, path: String, crashes: Int, left: Int) {
        self.method = method
        self.path = path
        self.crashes = crashes
        self.left = left
    }
}

/// The state of one worker.
public struct WorkerStatus: Codable, Equatable, Sendable {
    /// The worker's state in one word.
    public enum State: String, Codable, Sendable {
        case starting, loading, waiting, serving, draining, killed
    }

    /// The number that tells it from every other worker of the supervisor.
    public var number: Int
    public var pid: Int32
    public var generation: Int
    public var state: State
    public var startedAt: Int
    public var uptime: Int
    public var residentBytes: Int
    public var processorTime: Int
    // These are `nil` for a program, whose connections and requests Gatehouse does not see.
    public var connections: Int?
    public var acceptedConnections: Int?
    public var requests: Int?
    public var failures: Int?
    public var bodyBytes: Int?
    public var responseBytes: Int?
    /// The time for which an event loop has been busy without looking at its sockets; 0 if none is.
    public var heldFor: Int?
    public var requestsInFlight: [RequestStatus]?
    /// The databases of its modules, as it last reported them.
    public var databases: [DatabaseUse]?
    /// The jobs of its modules, as it last reported them.
    public var jobs: [JobUse]?

    public init(
        number: Int, pid: Int32, generation: Int, state: State, startedAt: Int, uptime: Int, residentBytes: Int,
        processorTime: Int
    ) {
        self.number = number
        self.pid = pid
        self.generation = generation
        self.state = state
        self.startedAt = startedAt
        self.uptime = uptime
        self.residentBytes = residentBytes
        self.processorTime = processorTime
    }
}

/// One request in flight.
public struct RequestStatus: Codable, Equatable, Sendable {
    public var id: String
    public var method: String
    public var path: String
    public var module: String
    /// `handling` or `responding`.
    public var state: String
    /// Since it began.
    public var duration: Int
    public var bodyBytes: Int
    public var responseBytes: Int

    public init(
        id: String, method: String, path: String, module: String, state: String, duration: Int, bodyBytes: Int,
        responseBytes: Int
    ) {
        self.id = id
        self.method = method
        self.path = path
        self.module = module
        self.state = state
        self.duration = duration
        self.bodyBytes = bodyBytes
        self.responseBytes = responseBytes
    }
}
