import GatehousePlan
import GatehouseServer
import GatehouseWire
import Logging
import ServiceLifecycle

/// A gateway endpoint of a module's own program.
struct GatewayService: Service {
    private let gatewayProtocol: GatewayProtocol
    private let path: String
    private let handler: any MountedHandler
    private let logger: Logger

    init(
        _ gatewayProtocol: GatewayProtocol, _ path: String, _ handler: any MountedHandler, _ logger: Logger
    ) {
        self.gatewayProtocol = gatewayProtocol
        self.path = path
        self.handler = handler
        self.logger = logger
    }

    func run() async throws {
        let socket = try UnixListeningSocket(path: path)
        defer { socket.removeFile() }
        let server = try GatewayServer(limits: Limits(), mounts: MountTable([("/", handler)]), logger: logger)
        try await server.start([
            Listener(descriptor: socket.descriptor, gatewayProtocol: gatewayProtocol, endpoint: path)
        ])
        logger.info("listening on \(path)")
        try? await gracefulShutdown()
        await server.drain()
    }
}
