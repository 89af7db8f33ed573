import Gatehouse
import GatehouseClient
import GatehousePlan
import GatehouseServer
import GatehouseWire
import Logging
import NIOPosix
import ServiceLifecycle

/// A module with its server and its services in this process.
struct ServedModule: Sendable {
    let endpoint: Endpoint
    private let gatewayProtocol: GatewayProtocol
    private let hosted: HostedModule
    private let server: GatewayServer
    private let socketPath: String
    private let logger: Logger

    init<Module: HandlerModule>(
        _ type: Module.Type, settings: String, mountPath: String, resourceFolder: String,
        gatewayProtocol: GatewayProtocol, socketPath: String
    ) async throws {
        let name = "\(Module.self)"
        let log = LineLogHandler(label: name, level: .info)
        logger = Logger(label: name) { _ in log }
        let group = MultiThreadedEventLoopGroup.singleton
        let context = ModuleContext(
            name: name, mountPath: mountPath, logger: logger, resourceFolder: resourceFolder, eventLoopGroup: group,
            settings: settings, settingsOrigin: "the test")
        hosted = try await HostedModule(type, context: context, log: log)
        server = try GatewayServer(
            limits: Limits(), mounts: MountTable([(mountPath.isEmpty ? "/" : mountPath, hosted.handler)]),
            logger: logger)
        endpoint = Endpoint(.gateway(gatewayProtocol), .unix(path: socketPath))
        self.gatewayProtocol = gatewayProtocol
        self.socketPath = socketPath
    }

    /// Serves while `body` runs. Services that fail meanwhile fail the test.
    func whileServing<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        let socket = try UnixListeningSocket(path: socketPath)
        defer { socket.removeFile() }
        try await server.start([
            Listener(descriptor: socket.descriptor, gatewayProtocol: gatewayProtocol, endpoint: endpoint.description)
        ])
        let services = ServiceGroup(services: hosted.services, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            if !hosted.services.isEmpty { group.addTask { try await services.run() } }
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            await server.drain()
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            return try result.get()
        }
    }
}
