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
        // For the clients of modules; its threads start with the first client.
        let group = MultiThreadedEventLoopGroup.singleton
        // Children would otherwise inherit SwiftNIO's poll descriptors. No module has opened one yet that children
        // should inherit.
        gatehouse_close_on_exec()
        // Before any module's code runs, so that its crash is reported too.
        let observability: Observability
        do {
            observability = try Observability(plan, logger: logger)
        } catch {
            return fail("cannot serve: \(error)", .inputOutput)
        }
        let modules: [LoadedModule]
        do {
            modules = try await load(
                ModuleLoader(
                    sdk: .find(), logLevel: level, eventLoopGroup: group, stateFolder: plan.stateFolder,
                    drainTime: plan.drainTime))
        } catch {
            return fail(error.failure.message, error.failure.exitStatus, path: error.path)
        }
        let reporter = ModuleReporter(modules.map(\.databases), modules.map(\.jobs)) { [control] in control.send($0) }
        let services = startServices(of: modules, logger: logger)
        let mounts = MountTable(modules.map { ($0.plan.mount, $0.hosted.handler) })
        if let lost = modules.first(where: { !mounts.leads(to: $0.plan.mount) }) {
            return fail(
                "\(lost.plan.path): no request reaches its mount \(lost.plan.mount), another module has it",
                .configuration, path: lost.plan.path)
        }
        var serving: Serving
        do {
            serving = try Serving(
                plan: plan, mounts: mounts, observability: observability, control: control, logger: logger)
            serving.services.beginServing = { reporter.beginServing() }
            serving.services.beginDraining = { reporter.beginDraining() }
            try observability.stalls.start()
            try await serving.prepare()
            if plan.acceptsAtOnce { try await serving.accept() }
        } catch {
            return fail("cannot serve: \(error)", .inputOutput)
        }
        control.send(.ready)
        reporter.start()
        // Linking and loading have touched most of the libraries; serving needs a third of that.
        gatehouse_give_back_code()
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
        var failure: OperatorError
    }

    private func load(_ loader: @autoclosure () throws(OperatorError) -> ModuleLoader) async throws(Failed)
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

/// The services that modules run beside their handlers, in one group: started before the worker is ready, stopped after
/// its last request.
struct ModuleServices {
    private let group: ServiceGroup?
    private let running: Task<Void, any Error>?

    /// - Parameter ended: called if they end although nobody has stopped them.
    init(_ services: [any Service], logger: Logger, ended: @escaping @Sendable () -> Void) {
        guard !services.isEmpty else {
            group = nil
            running = nil
            return
        }
        let group = ServiceGroup(services: services, logger: logger)
        self.group = group
        running = Task {
            do {
                try await group.run()
            } catch {
                logger.critical("a module's service ended: \(error)")
                ended()
                throw error
            }
        }
    }

    /// Shuts them down and waits for their end.
    func stop() async {
        await group?.triggerGracefulShutdown()
        _ = await running?.result
    }
}

extension WorkerPlan {
    /// The time that the worker has from the order to drain until it is told to cancel what is left.
    fileprivate var drainTime: Duration {
        let milliseconds = limits[.drain]
        return milliseconds == 0 ? .seconds(86_400) : .milliseconds(milliseconds)
    }
}
