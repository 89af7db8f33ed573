import GatehousePlan

/// An event that concerns one pool.
enum PoolEvent: Equatable, Sendable {
    /// Start the workers that the rules ask for.
    case started
    /// Something that every worker needs, such as a listening socket, cannot be had: none was started.
    case setUpFailed(message: String, exitStatus: Int32)
    /// The supervisor before this one left the pool: go on with the workers that there are.
    case inherited(InheritedPool)
    case reported(worker: Int, WorkerReport)
    /// A program was reached on its socket, and answered.
    case answered(worker: Int)
    /// A program could not be reached, or answered that it is not well. It is asked again.
    case refused(worker: Int, reason: String)
    /// The control channel carried something that is no report.
    case malformedReport(worker: Int)
    /// Orders no longer reach the worker: its control channel is closed, or not read.
    case controlChannelClosed(worker: Int)
    /// - Parameter why: the reason as far as it is known, for a message.
    case ended(worker: Int, WorkerEnd, why: String? = nil)
    case spawnFailed(worker: Int, message: String, exitStatus: Int32)
    /// Present figures from the scoreboards and the kernel, for the workers that were sampled.
    case sampled([Int: WorkerSample])
    /// A client waits on a listening socket of a pool that has no worker.
    case connectionWaits
    /// An operator wants this many workers, until the configuration is read anew.
    case scaled(to: Int)
    case unscaled
    /// Finish the requests that there are and take nothing new, until the pool is scaled or reloaded.
    case drainRequested
    case stopRequested(atOnce: Bool)
    /// Time has passed; nothing else happened.
    case clockAdvanced
}

/// A worker's figures beside its reports.
struct WorkerSample: Equatable, Sendable {
    var requests = 0
    var requestsInFlight = 0
    var connections = 0
    var residentBytes = 0
    /// The number of the last probe that it has answered; 0 for none.
    var answeredProbe = 0
}

/// An instruction from the state machine to the processes of its pool. Order counts.
enum PoolCommand: Equatable, Sendable {
    /// Print a line for the operator.
    case say(String)
    case spawn(worker: Int, generation: Int)
    /// Prepare a generation with the settings of an earlier one, so that it can be started.
    case prepare(generation: Int, like: Int)
    /// The candidate generation serves: its settings, sockets and log are the pool's from now on.
    case promote(generation: Int)
    /// The candidate generation will not serve: undo what was made ready for it.
    case reject(generation: Int)
    case order(worker: Int, WorkerOrder)
    case signal(worker: Int, Int32)
    /// Log the unexpected end of a worker, and write a report of it.
    case reportCrash(worker: Int, WorkerEnd, during: String)
}

/// A result that the state machine reports to the pool manager.
enum PoolOutcome: Equatable, Sendable {
    /// Every worker of the first generation serves.
    case ready
    /// The first generation cannot be started.
    case failedToStart(message: String, exitStatus: Int32)
    /// The candidate generation serves, and no earlier one takes anything new.
    case promoted
    /// The candidate generation is given up; the one that served goes on.
    case rejected(message: String, exitStatus: Int32)
    /// A generation that a reload promoted has died too soon: the one before it is being started again.
    case rolledBack(message: String)
    /// The pool was told to stop, and its last worker has ended.
    case stopped
}

/// The answer of a pool's state machine to one event.
struct PoolDecision: Equatable, Sendable {
    var commands: [PoolCommand] = []
    var outcomes: [PoolOutcome] = []
}
