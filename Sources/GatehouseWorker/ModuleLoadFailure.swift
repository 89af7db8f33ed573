import GatehousePlan

/// A module cannot be used: what, where, and what to do, and the status with which the worker exits.
struct ModuleLoadFailure: Error {
    var message: String
    var exitStatus: ExitStatus
}
