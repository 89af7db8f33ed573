/// What is to be done for the supervisor as a whole.
enum PoolManagerAction: Equatable, Sendable {
    case pool(String, PoolAction)
    /// Every pool serves for the first time, but those that cannot be started.
    case announceReady
    /// The reload is over; it has worked where there are no failures.
    case reloadEnded([ReloadFailure])
    /// The pool is no longer in the configuration and has no worker.
    case forget(pool: String)
    /// Everything ends: front servers shall go elsewhere.
    case stopListening
    /// Leave with this status.
    case finish(status: Int32)
}
