import CGatehouseSystem
import Gatehouse
import GatehousePlan
import GatehouseServer
import GatehouseWire
import Logging
import NIOPosix
import ServiceLifecycle

/// One worker's life: load, serve, drain, end.
struct Worker {
    let plan: WorkerPlan
    let control: ControlChannel
    let events: AsyncStream<WorkerEvent>
    /// Gives the worker an event of its own.
    let give: @Sendable (WorkerEvent) -> Void

    /// - Returns: the status with which the process ends.
    func run() async -> ExitStatus {
        let level = Logger.Level(rawValue: plan.logLevel) ?? .info
        let log = LineLogHandler(label: plan.pool, level: level)
        let logger = Logger(label: plan.pool) { _ in log }
        // For clients that modules make; its threads start with the first of them.
        let group = MultiThreadedEventLoopGroup.singleton
        // SwiftNIO's polls are open to children, too. No module has opened anything yet that is meant to be.
        gatehouse_close_on_exec()
        // Before any module's code runs: that it crashes is to be told, too.
        let observability: Observability
        do {
            observability = try Observability(plan, logger: logger)
        } catch {
            return fail("cannot serve: \(error)", .inputOutput)
        }
        let modules: [LoadedModule]
        do {
            modules = try await load(ModuleLoader(sdk: .find(), logLevel: level, eventLoopGroup: group))
        } catch {
            return fail(error.failure.message, error.failure.exitStatus, path: error.path)
        }
        let services = startServices(of: modules, logger: logger)
        let mounts = MountTable(modules.map { ($0.plan.mount, $0.hosted.handler) })
        if let lost = modules.first(where: { !mounts.leads(to: $0.plan.mount) }) {
            return fail(
                "\(lost.plan.path): no request reaches its mount \(lost.plan.mount), another module has it",
                .configuration, path: lost.plan.path)
        }
        let serving: Serving
        do {
            serving = try Serving(
                plan: plan, mounts: mounts, observability: observability, control: control, logger: logger)
            try observability.stalls.start()
            try await serving.prepare()
            if plan.acceptsAtOnce { try await serving.accept() }
        } catch {
            return fail("cannot serve: \(error)", .inputOutput)
        }
        control.send(.ready)
        let status = await serving.run(events)
        await services.stop()
        observability.accessLog?.end()
        return status
    }

    private func fail(_ message: String, _ status: ExitStatus, path: String = "") -> ExitStatus {
        control.send(.failed(path: path, message: message, exitStatus: status.rawValue))
        return status
    }

    private struct Failed: Error {
        var path: String
        var failure: ModuleLoadFailure
    }

    private func load(_ loader: @autoclosure () throws(ModuleLoadFailure) -> ModuleLoader) async throws(Failed)
        -> [LoadedModule]
    {
        var modules: [LoadedModule] = []
        var current = ""
        do {
            let loader = try loader()
            for module in plan.modules {
                current = module.path
                control.send(.loading(path: module.path))
                let loaded = try await loader.load(module)
                control.send(.loaded(path: module.path, name: loaded.name, version: loaded.version))
                modules.append(loaded)
            }
            return modules
        } catch {
            throw Failed(path: current, failure: error)
        }
    }

    private func startServices(of modules: [LoadedModule], logger: Logger) -> ModuleServices {
        ModuleServices(modules.flatMap(\.hosted.services), logger: logger) { give(.serviceEnded) }
    }
}
