import GatehousePlan

/// What happens to a pool.
enum PoolEvent: Equatable, Sendable {
    /// Have the workers that it should have.
    case started
    /// What its workers need, such as a listening socket, cannot be had, so that none was started.
    case setUpFailed(message: String, exitStatus: Int32)
    /// The supervisor before this one has left it: go on with the workers that there are.
    case inherited(InheritedPool)
    case reported(worker: Int, WorkerReport)
    /// A program has been reached on its socket, and has answered.
    case answered(worker: Int)
    /// A program could not be reached, or has answered that it is not well. It is asked again.
    case refused(worker: Int, reason: String)
    /// The control channel carried something that is no report.
    case malformedReport(worker: Int)
    /// It hears no orders any more: its control channel is closed, or not read.
    case controlChannelClosed(worker: Int)
    /// `why`: what is known of its reason, for a message.
    case ended(worker: Int, WorkerEnd, why: String? = nil)
    case spawnFailed(worker: Int, message: String, exitStatus: Int32)
    /// What the scoreboards and the kernel say at this moment, of those that were asked.
    case sampled([Int: WorkerSample])
    /// Somebody waits on a listening socket of a pool that has no worker.
    case connectionWaits
    /// A new configuration, or new modules: start a generation that keeps these rules.
    case replaced(PoolRules)
    /// An operator wants so many workers, until the configuration is read anew.
    case scaled(to: Int)
    case unscaled
    /// Finish what there is and take nothing new, until it is scaled or replaced.
    case drainRequested
    case stopRequested(atOnce: Bool)
    /// Time has passed; nothing else happened.
    case clockAdvanced
}

/// What is known of a worker beside its reports.
struct WorkerSample: Equatable, Sendable {
    var requests = 0
    var requestsInFlight = 0
    var connections = 0
    var residentBytes = 0
}
