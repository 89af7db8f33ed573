import Gatehouse
import GatehousePlan
import Synchronization

/// The databases and jobs of a worker's modules: reports them, once a second if they have changed, and tells them when
/// the worker drains. A worker that has none never wakes for it.
final class ModuleReporter: Sendable {
    private let databases: [ModuleDatabases]
    private let jobs: [ModuleJobs]
    private let send: @Sendable (WorkerReport) -> Void
    private let isReporting = Atomic<Bool>(false)

    private static let interval = Duration.seconds(1)

    init(_ databases: [ModuleDatabases], _ jobs: [ModuleJobs] = [], send: @escaping @Sendable (WorkerReport) -> Void) {
        self.databases = databases
        self.jobs = jobs
        self.send = send
    }

    /// Reports for as long as the worker lives, from the moment at which the first module has a database. Jobs are in
    /// one.
    func start() {
        for module in databases {
            module.whenRegistered { [self] in
                guard !isReporting.exchange(true, ordering: .relaxed) else { return }
                Task.detached { await self.report() }
            }
        }
    }

    /// The worker serves from now on. Until then it does no jobs: its generation may still be rejected.
    func beginServing() {
        for module in jobs { module.beginServing() }
    }

    /// The worker takes nothing new from now on. Jobs are taken by connections that are closed next.
    func beginDraining() {
        for module in jobs { module.beginDraining() }
        for module in databases { module.beginDraining() }
    }

    private func report() async {
        var lastDatabases: [DatabaseUse] = []
        var lastJobs: [JobUse] = []
        while true {
            let databases = look(), jobs = lookAtJobs()
            if databases != lastDatabases { send(.databases(databases)) }
            if jobs != lastJobs { send(.jobs(jobs)) }
            lastDatabases = databases
            lastJobs = jobs
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// The connections of all databases, short enough for a report however long their names are.
    func look() -> [DatabaseUse] {
        databases.flatMap { $0.look() }.prefix(DatabaseUse.most).map(\.bounded)
    }

    /// The jobs of all modules, likewise.
    func lookAtJobs() -> [JobUse] {
        jobs.flatMap { $0.look() }.prefix(JobUse.mostQueues).map(\.bounded)
    }
}
