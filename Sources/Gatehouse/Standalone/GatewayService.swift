import GatehouseServer
import GatehouseWire
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// A gateway endpoint of a module's own program.
struct GatewayService: Service {
    private let gatewayProtocol: GatewayProtocol
    private let path: String
    private let handler: any MountedHandler
    private let group: MultiThreadedEventLoopGroup
    private let logger: Logger

    init(
        _ gatewayProtocol: GatewayProtocol, _ path: String, _ handler: any MountedHandler,
        _ group: MultiThreadedEventLoopGroup, _ logger: Logger
    ) {
        self.gatewayProtocol = gatewayProtocol
        self.path = path
        self.handler = handler
        self.group = group
        self.logger = logger
    }

    func run() async throws {
        let socket = try UnixListeningSocket(path: path)
        defer { socket.removeFile() }
        let server = GatewayServer(
            group: group, limits: Limits(), mounts: MountTable([("/", handler)]), logger: logger)
        try await server.start([Listener(descriptor: socket.descriptor, gatewayProtocol: gatewayProtocol, endpoint: path)])
        logger.info("listening on \(path)")
        try? await gracefulShutdown()
        await server.drain()
    }
}
