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
    let orders: AsyncStream<WorkerOrder>
    /// Gives the worker an order of its own.
    let give: @Sendable (WorkerOrder) -> Void

    /// - Returns: the status with which the process ends.
    func run() async -> ExitStatus {
        let level = Logger.Level(rawValue: plan.logLevel) ?? .info
        let log = LineLogHandler(label: plan.pool, level: level)
        let logger = Logger(label: plan.pool) { _ in log }
        // For clients that modules make; its threads start with the first of them.
        let group = MultiThreadedEventLoopGroup.singleton
        let modules: [LoadedModule]
        do {
            modules = try await load(ModuleLoader(sdk: .find(), logLevel: level, eventLoopGroup: group))
        } catch {
            control.send(
                .failed(path: error.path, message: error.failure.message, exitStatus: error.failure.exitStatus.rawValue)
            )
            return error.failure.exitStatus
        }
        let services = startServices(of: modules, logger: logger)
        let server: GatewayServer
        do {
            server = try GatewayServer(
                loops: plan.eventLoops, limits: Limits(plan.limits),
                mounts: MountTable(modules.map { ($0.plan.mount, $0.hosted.handler) }), logger: logger)
            // The process ends with it: handlers that are deaf to their cancellation may still be at work on its loops.
            _ = Unmanaged.passRetained(server)
            try await server.start(plan.listeners.map(Listener.init))
        } catch {
            control.send(
                .failed(path: "", message: "cannot accept: \(error)", exitStatus: ExitStatus.inputOutput.rawValue))
            return .inputOutput
        }
        control.send(.ready)
        let status = await serve(server, services, logger: logger)
        await services.stop()
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
        ModuleServices(modules.flatMap(\.hosted.services), logger: logger) { give(.fail) }
    }

    /// Until it is told to end, or a module's service does.
    private func serve(_ server: GatewayServer, _ services: ModuleServices, logger: Logger) async -> ExitStatus {
        for await order in orders {
            switch order {
            case .drain, .fail:
                control.send(.draining)
                await withTaskGroup { tasks in
                    tasks.addTask { await server.drain() }
                    tasks.addTask {
                        // A second order, while we wait, is to hurry.
                        for await order in orders where order == .end { await server.abandon() }
                    }
                    await tasks.next()
                    tasks.cancelAll()
                }
                return order == .fail ? .internal : .success
            case .end:
                await server.abandon()
                return .success
            }
        }
        return .success
    }
}

extension Listener {
    init(_ plan: ListenerPlan) {
        let gatewayProtocol: GatewayProtocol =
            switch plan.gatewayProtocol {
            case .fastcgi: .fastCGI
            case .scgi: .scgi
            }
        self.init(
            descriptor: plan.descriptor, gatewayProtocol: gatewayProtocol, endpoint: plan.endpoint,
            allowedUsers: plan.allowedUsers.map { Set($0) })
    }
}
