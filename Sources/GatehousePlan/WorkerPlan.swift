/// Everything that a worker is told at its start: it reads no configuration, no environment variable and no argument
/// besides.
///
/// The supervisor writes it as JSON to a file that the worker inherits, and the worker reads it to its end.
public struct WorkerPlan: Codable, Sendable, Equatable {
    /// The pool's name, for logs.
    public var pool: String
    /// A number that no other worker of the same supervisor has; a later worker's is larger.
    public var worker = 0
    /// The generation of its pool that the worker belongs to.
    public var generation = 0
    /// The listening sockets that the worker inherits.
    public var listeners: [ListenerPlan]
    /// The modules that the worker loads, in this order.
    public var modules: [ModulePlan]
    /// Threads that serve connections.
    public var eventLoops: Int
    public var limits: LimitsPlan
    /// trace, debug, info, notice, warning, error or critical.
    public var logLevel: String
    public var descriptors = DescriptorPlan()
    /// Whether the worker accepts as soon as it is ready; otherwise it waits for ``WorkerOrder/accept``.
    public var acceptsAtOnce = true
    /// The worker's place on the pool's balance board.
    public var balanceCell = 0
    /// `nil` for no access log.
    public var accessLog: AccessLogPlan?
    public var stalls = StallPlan()
    /// The most requests that the worker may take, of which ``WorkerReport/requestsLeft(_:)`` reports the rest; `nil`
    /// for no limit.
    public var requests: Int?
    /// Routes that are answered 503 from the start.
    public var quarantine: [QuarantinedRoute] = []
    /// The absolute path of the folder with a folder for each module's files; `nil` if there is none.
    public var stateFolder: String?
    /// `nil` for a worker that serves; otherwise it migrates its modules' databases, reports, and ends.
    public var migration: MigrationOrder?

    public init(
        pool: String, listeners: [ListenerPlan], modules: [ModulePlan], eventLoops: Int = 1,
        limits: LimitsPlan = LimitsPlan(), logLevel: String = "info"
    ) {
        self.pool = pool
        self.listeners = listeners
        self.modules = modules
        self.eventLoops = eventLoops
        self.limits = limits
        self.logLevel = logLevel
    }
}

/// One listening socket that a worker inherits.
public struct ListenerPlan: Codable, Sendable, Equatable {
    /// The descriptor's number in the worker.
    public var descriptor: Int32
    public var gatewayProtocol: GatewayProtocol
    /// The endpoint as the operator wrote it, for messages: `fastcgi:/run/gatehouse/web.sock`.
    public var endpoint: String
    /// Users whose processes may connect (SO_PEERCRED); `nil` lets in everybody who can open the socket.
    public var allowedUsers: [UInt32]?

    public init(
        descriptor: Int32, gatewayProtocol: GatewayProtocol, endpoint: String, allowedUsers: [UInt32]? = nil
    ) {
        self.descriptor = descriptor
        self.gatewayProtocol = gatewayProtocol
        self.endpoint = endpoint
        self.allowedUsers = allowedUsers
    }
}

/// One module and the path prefix under which it answers.
public struct ModulePlan: Codable, Sendable, Equatable {
    /// The `.so`, absolute.
    public var path: String
    /// `/` or `/blog`, without a slash at its end.
    public var mount: String
    /// The module's settings as JSON text, `{}` if the configuration has none.
    public var settings: String
    /// The place of the settings, for messages: `gatehouse.yaml:12`; empty if there are none.
    public var settingsOrigin: String
    /// The descriptor of a copy in memory, which all workers of a generation share; `nil`: the worker makes its own.
    public var copy: Int32?
    /// The file that was copied: `path` with its links resolved.
    public var copiedFrom: String?

    public init(path: String, mount: String = "/", settings: String = "{}", settingsOrigin: String = "") {
        self.path = path
        self.mount = mount
        self.settings = settings
        self.settingsOrigin = settingsOrigin
    }
}

/// The numbers of the descriptors that a worker inherits beside its listening sockets. `nil`: there is none.
public struct DescriptorPlan: Codable, Sendable, Equatable {
    /// The socket for connections that change workers, and for log files that were opened anew: see
    /// ``HandOverMessage``.
    public var handOver: Int32?
    /// The worker's scoreboard, memory that the supervisor only reads (`gatehouse_scoreboard.h`).
    public var scoreboard: Int32?
    /// The pool's balance board, memory that all its workers write (`gatehouse_scoreboard.h`).
    public var balance: Int32?
    /// The requests that have crashed a worker of the pool, memory that all its workers write (`gatehouse_culprits.h`).
    public var culprits: Int32?
    /// An empty file in memory for the backtrace of a crash.
    public var crash: Int32?

    public init() {}
}

/// The times after which an event loop that one handler holds is reported. Milliseconds; 0 is never.
public struct StallPlan: Codable, Sendable, Equatable {
    /// The log then names the request that holds the loop.
    public var reportAfter = 1_000
    /// The log then shows the place in the code.
    public var backtraceAfter = 5_000

    public init() {}
}

/// The access log of a worker, which writes one line for each request.
public struct AccessLogPlan: Codable, Sendable, Equatable {
    /// The log file, open for appending.
    public var descriptor: Int32
    /// One of ``AccessLogFormat/names``, or a format string with nginx's names, such as
    /// `$remote_addr [$time_iso8601] "$request"`.
    public var format: String

    public init(descriptor: Int32, format: String) {
        self.descriptor = descriptor
        self.format = format
    }
}
