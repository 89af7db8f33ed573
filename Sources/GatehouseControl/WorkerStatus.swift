/// How one worker fares.
public struct WorkerStatus: Codable, Equatable, Sendable {
    public enum State: String, Codable, Sendable {
        case starting, loading, waiting, serving, draining, killed
    }

    public var number: Int
    public var pid: Int32
    public var generation: Int
    public var state: State
    public var startedAt: Int
    public var uptime: Int
    public var residentBytes: Int
    public var processorTime: Int
    // Of a program's requests and connections nothing is known: `nil`.
    public var connections: Int?
    public var acceptedConnections: Int?
    public var requests: Int?
    public var failures: Int?
    public var bodyBytes: Int?
    public var responseBytes: Int?
    /// How long an event loop has been busy without looking at its sockets; 0 where none is.
    public var heldFor: Int?
    public var requestsInFlight: [RequestStatus]?

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
