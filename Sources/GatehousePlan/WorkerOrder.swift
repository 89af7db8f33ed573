/// What the supervisor asks of a worker on its control channel, one JSON object a line.
public enum WorkerOrder: Codable, Sendable, Equatable {
    /// Accept connections from now on, on every listener.
    case accept
    /// Take nothing new, finish what is in flight, leave. Connections that are idle, or become it, are handed over to
    /// another worker through the handOver descriptor where `handsOver` says that there is one; else they are closed.
    case drain(handsOver: Bool)
    /// Cancel what is in flight and leave.
    case end
    /// Have every event loop answer an internal request and say ``WorkerReport/probed(number:)``.
    case probe(number: Int)
    /// These routes, and no others, are answered 503 from now on.
    case quarantine([QuarantinedRoute])
    /// Write to the log where every event loop's thread is, and say ``WorkerReport/traced``.
    case backtrace
}
