/// An order of the supervisor to a worker on its control channel, one JSON object a line.
public enum WorkerOrder: Codable, Sendable, Equatable {
    /// Accept connections from now on, on every listener.
    case accept
    /// Take nothing new, finish the requests in flight, and end. If `handsOver`, connections that are or become idle
    /// are sent to another worker through the hand-over socket; otherwise they are closed.
    case drain(handsOver: Bool)
    /// Cancel the requests in flight and end.
    case end
    /// Have every event loop answer an internal request, and then show the number on the scoreboard; a worker that was
    /// given none reports ``WorkerReport/probed(number:)``.
    case probe(number: Int)
    /// Answer 503 to these routes, and to no others, from now on.
    case quarantine([QuarantinedRoute])
    /// Write to the log the place of every event loop's thread in the code, and report ``WorkerReport/traced``.
    case backtrace
}

/// A report of a worker on its control channel, one JSON object a line. Hostile input to its reader.
public enum WorkerReport: Codable, Sendable, Equatable {
    /// The module at this path is about to be loaded and initialised. If the worker dies before its next report, or
    /// reports nothing more in time, this module is to blame.
    case loading(path: String)
    /// The module is ready. `name` and `version` come from its stamp.
    case loaded(path: String, name: String, version: String)
    /// The module cannot be used; the worker exits with `exitStatus`. `message` is complete: what is wrong, where, and
    /// what to do.
    case failed(path: String, message: String, exitStatus: Int32)
    /// Every module is ready, and an internal request was answered. The worker accepts, or waits for the order to.
    case ready
    /// Every event loop has answered an internal request.
    case probed(number: Int)
    /// The backtraces that were asked for are in the log.
    case traced
    /// The worker has this many of its plan's requests left; at 0 it still goes on.
    case requestsLeft(Int)
    /// The worker takes nothing new and finishes its requests.
    case draining
    /// A migration of the module's database, from a worker that only migrates.
    case migration(MigrationReport)
    /// The connections of its modules' databases. Sent once a second, if they have changed.
    case databases([DatabaseUse])
    /// The jobs of its modules. Sent once a second, if they have changed.
    case jobs([JobUse])
}

/// A route whose requests are answered 503 without reaching their module, because such requests have killed workers.
public struct QuarantinedRoute: Codable, Sendable, Hashable {
    public var method: String
    /// The path as the front server sent it, without its query; compared byte by byte.
    public var path: String
    /// The seconds of Retry-After: until the supervisor lifts the quarantine, from the moment of the order.
    public var retryAfter: Int

    public init(method: String, path: String, retryAfter: Int) {
        self.method = method
        self.path = path
        self.retryAfter = retryAfter
    }
}

/// The two bytes that come with a descriptor on a worker's hand-over socket (SOCK_SEQPACKET, SCM_RIGHTS) and tell what
/// it is. Each message has one descriptor.
public enum HandOverMessage: Equatable, Sendable {
    /// A connection between two requests, from the listener with this index in the plan. A worker that drains sends it
    /// to the supervisor, which sends it on to a worker that serves.
    case connection(listener: Int)
    /// The access log, opened anew. From the supervisor.
    case accessLog

    /// The number of listeners that a message can name, far above the endpoints of any pool.
    public static let listeners = 0..<256

    public var bytes: [UInt8] {
        switch self {
        case .connection(let listener): [1, UInt8(truncatingIfNeeded: listener)]
        case .accessLog: [2, 0]
        }
    }

    /// `nil` if the bytes are none of these messages.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 2, let kind = bytes.first else { return nil }
        switch kind {
        case 1: self = .connection(listener: Int(bytes.dropFirst().first ?? 0))
        case 2: self = .accessLog
        default: return nil
        }
    }
}
