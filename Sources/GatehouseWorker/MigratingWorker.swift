import Gatehouse
import GatehousePlan
import GatehouseServer
import Glibc
import Logging
import NIOPosix
import Synchronization

/// A worker that serves nobody: it makes its module, whose `init` migrates the databases, and ends.
struct MigratingWorker {
    let plan: WorkerPlan
    let control: ControlChannel

    /// The time that a statement has to end after the command was interrupted.
    private static let gracePeriod = Duration.seconds(5)

    func run(_ order: MigrationOrder, _ events: AsyncStream<WorkerEvent>) async -> ExitStatus {
        let migrating = Task { await migrate(order) }
        // The command was interrupted, or is gone: its statement is cancelled on the server, which would otherwise go
        // on with it and keep its locks.
        Task.detached {
            for await _ in events {
                migrating.cancel()
                try? await Task.sleep(for: Self.gracePeriod)
                exit(ExitStatus.internal.rawValue)
            }
        }
        return await migrating.value
    }

    private func migrate(_ order: MigrationOrder) async -> ExitStatus {
        let reported = Mutex(0)
        let task = MigrationTask(order) { [control] report in
            reported.withLock { $0 += 1 }
            control.send(.migration(report))
        }
        for module in plan.modules {
            do throws(OperatorError) {
                let loader = ModuleLoader(
                    sdk: try .find(), logLevel: Logger.Level(rawValue: plan.logLevel) ?? .info,
                    eventLoopGroup: MultiThreadedEventLoopGroup.singleton, stateFolder: plan.stateFolder,
                    migrationTask: task)
                control.send(.loading(path: module.path))
                let loaded = try await loader.load(module)
                control.send(.loaded(path: module.path, name: loaded.name, version: loaded.version))
            } catch {
                // Without the migrations that it was only to list, an init may well fail.
                if order != .apply, error.exitStatus == .moduleInitThrew, reported.withLock({ $0 }) > 0 { continue }
                control.send(.failed(path: module.path, message: error.message, exitStatus: error.exitStatus.rawValue))
                return error.exitStatus
            }
        }
        return .success
    }
}
