/// What a worker says on its control channel, one JSON object a line. Whoever reads it holds it for hostile input.
public enum WorkerReport: Codable, Sendable, Equatable {
    /// The module at this path is about to be loaded and initialised. Where the worker dies before its next report, or
    /// says nothing more in time, this module is to blame.
    case loading(path: String)
    /// The module is ready. `name` and `version` come from its stamp.
    case loaded(path: String, name: String, version: String)
    /// The module cannot be used; the worker exits with `exitStatus`. `message` is complete: what, where, what to do.
    case failed(path: String, message: String, exitStatus: Int32)
    /// Every module is ready, and an internal request was answered. The worker accepts, or waits for the order to.
    case ready
    /// Every event loop has answered an internal request.
    case probed(number: Int)
    /// The backtraces that were asked for are in the log.
    case traced
    /// So many of the requests that its plan allows the worker are left; it goes on when none is.
    case requestsLeft(Int)
    /// The worker takes nothing new and finishes what it has.
    case draining
}
