/// How one pool fares.
public struct PoolStatus: Codable, Equatable, Sendable {
    public enum State: String, Codable, Sendable {
        /// No worker is ready yet.
        case starting
        case serving
        /// Workers crash faster than they are replaced, there are fewer than there should be, or none can be started.
        case degraded
        /// An on-demand pool that waits for a connection.
        case idle
        /// It was told to take nothing new, and finishes or has finished.
        case drained
    }

    public var name: String
    public var state: State
    public var generation: Int
    /// How many workers it wants at this moment.
    public var wantedWorkers: Int
    /// What `gatehouse scale` has set, until the configuration is read anew; `nil` where it has not.
    public var scaledTo: Int?
    public var endpoints: [EndpointStatus]
    public var workers: [WorkerStatus] = []
    public var quarantines: [QuarantineStatus] = []
    /// Workers that ended without being told to, since the supervisor started.
    public var crashes = 0
    /// Workers that were started, since the supervisor started.
    public var spawned = 0
    /// Since the supervisor started, workers that have ended included. Of a program's requests nothing is known: `nil`.
    public var requests: Int?
    public var acceptedConnections: Int?
    /// Answers of 5xx.
    public var failures: Int?
    public var bodyBytes: Int?
    public var responseBytes: Int?
    /// The most workers that had a request at one time.
    public var mostActiveWorkers: Int?
    /// How often the pool wanted more workers than it may have.
    public var timesAtMaximum = 0
    /// Why no worker can be started, where nobody serves for that reason; clients are answered 503.
    public var startFailure: String?
    /// Connections that were answered 503 because nobody served.
    public var refusedConnections: Int?
    /// The last crash in one line; `nil` where there was none.
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
    /// Connections that wait to be accepted, and how many may; `nil` where the kernel does not say.
    public var queue: Int?
    public var queueLimit: Int?
    /// The longest that was seen.
    public var longestQueue: Int
    /// Who may connect: the socket file's mode, owner and group. `nil` for what has no file.
    public var access: String?
    /// Why nobody can connect, or nobody but root, and what to do about it.
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
