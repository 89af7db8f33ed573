import GatehousePlan

/// What is to be done for a pool.
enum PoolAction: Equatable, Sendable {
    /// Print a line for the operator.
    case say(String)
    case spawn(worker: Int, generation: Int)
    /// Have a generation of an earlier one's settings ready to be started.
    case prepare(generation: Int, like: Int)
    /// Tell that what a reload has brought does not last, and what served before is being started again.
    case tellRollback(message: String)
    case order(worker: Int, WorkerOrder)
    case signal(worker: Int, Int32)
    /// Tell what there is to be told about a worker that ended and should not have.
    case reportCrash(worker: Int, WorkerEnd, during: String)
    /// Every worker of its first generation serves.
    case becameReady
    /// The first generation cannot be started.
    case failedToStart(message: String, exitStatus: Int32)
    /// The new generation serves, and the old one is told to drain.
    case replacementServes
    /// The old one takes nothing new any more.
    case replacementServesAlone
    /// The new generation is no good, and the old one goes on.
    case replacementFailed(message: String, exitStatus: Int32)
    /// The pool was told to stop, and its last worker has ended.
    case stopped
}
