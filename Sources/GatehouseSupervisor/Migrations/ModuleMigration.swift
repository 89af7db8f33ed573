public import GatehouseConfiguration
public import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The migration of one module's databases: by a worker that makes the module as a worker of its pool would, with that
/// pool's user and environment, and serves nobody.
public struct ModuleMigration {
    private let pool: PoolConfiguration
    private let module: ConfiguredModule
    private let workerProgram: String
    private let stateFolder: String?

    /// - Parameter stateFolder: the configuration's.
    public init(
        of module: ConfiguredModule, in pool: PoolConfiguration, stateFolder: String?, workerProgram: String
    ) {
        var pool = pool
        pool.modules = [module]
        self.module = module
        self.stateFolder = stateFolder
        self.pool = pool
        self.workerProgram = workerProgram
    }

    /// Waits for the worker's end.
    /// - Parameter report: called for each migration, in their order.
    /// - Throws: the reason why it failed.
    public func run(_ order: MigrationOrder, report: (MigrationReport) -> Void) throws(OperatorError) {
        let ends = WorkerDescriptors()
        let control = try ends.pair(SOCK_STREAM)
        var plan = WorkerPlan(
            pool: pool.name, listeners: [], modules: [module.plan], limits: pool.limits,
            logLevel: pool.logLevel.rawValue)
        plan.migration = order
        // Without a configuration, files are where a module that is tried from this shell has them.
        let home = pool.process.inheritsEnvironment ? CrashReporter.lastingHomeFolder : nil
        if let folders = (stateFolder ?? home).map(ModuleFolders.init) {
            plan.stateFolder = folders.path
            folders.make(for: ModuleCopies(of: pool).names, pool.process)
        }
        let file = ends.temporary(try WorkerStarter.write(plan))
        let child = try WorkerStarter.launch(
            ProcessLaunch(
                program: workerProgram, arguments: WorkerStarter.words(workerProgram),
                environment: WorkerStarter.environment(of: pool), descriptors: [control.theirs, file],
                output: STDERR_FILENO, settings: pool.process), of: pool)
        ends.keepOurs()
        ends.closeTheirs()
        let failure = read(control.ours, report)
        // A worker that has more to say must not wait for a reader.
        close(control.ours)
        switch WorkerEnd(waitingFor: child) {
        case .exited(status: 0) where failure == nil: return
        case .exited(let status):
            throw failure
                ?? OperatorError("\(module.plan.path): the worker left with status \(status)", .moduleInitTrapped)
        case .killed(let signal):
            throw failure
                ?? OperatorError(
                    "\(module.plan.path): its init ended the process by \(SignalName.describe(signal))",
                    .moduleInitTrapped)
        }
    }

    /// Reads what the worker reports, until its end.
    /// - Returns: the failure that it reports.
    private func read(_ control: Int32, _ report: (MigrationReport) -> Void) -> OperatorError? {
        var reader = ReportReader()
        var failure: OperatorError?
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = buffer.withUnsafeMutableBytes { bytes in try? Descriptor.read(control, into: bytes) } ?? 0
            guard count > 0 else { return failure }
            reader.receive(buffer[..<count])
            do {
                while let message = try reader.nextReport() {
                    switch message {
                    case .migration(let migration): report(migration)
                    case .failed(_, let message, let status):
                        failure = OperatorError(message.printable(), ExitStatus(rawValue: status))
                    default: break
                    }
                }
            } catch {
                return OperatorError("\(module.plan.path): its worker reports what is not understood", .internal)
            }
        }
    }
}
