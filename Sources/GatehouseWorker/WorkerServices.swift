import GatehousePlan
import Glibc

/// What a worker does on orders that do not concern its connections, for whoever can do it.
struct WorkerServices: Sendable {
    /// Has these routes, and no others, answered 503.
    var quarantine: @Sendable ([QuarantinedRoute]) -> Void = { _ in }
    /// Writes to the log where every event loop's thread is, and returns when it is there.
    var backtrace: @Sendable () async -> Void = {}
    /// Gets the descriptor of an access log that was opened anew, and owns it.
    var takeAccessLog: @Sendable (Int32) -> Void = { close($0) }
}
