import FoundationEssentials
import Gatehouse
import GatehouseClient
import GatehousePlan
import GatehouseServer
import GatehouseSystem
import GatehouseWire
import Glibc
import Logging
import NIOPosix
import ServiceLifecycle

/// A module with its server and its services in this process.
struct ServedModule: Sendable {
    let socketPath: String
    private let gatewayProtocol: GatewayProtocol
    private let hosted: HostedModule
    private let server: GatewayServer
    let context: ModuleContext
    private let logger: Logger

    init<Module: HandlerModule>(
        _ type: Module.Type, settings: String, mountPath: String, resourceFolder: String, stateFolder: String,
        databaseOverride: TestedDatabase?, gatewayProtocol: GatewayProtocol, socketPath: String
    ) async throws {
        let name = "\(Module.self)"
        let log = LineLogHandler(label: name, level: .info)
        logger = Logger(label: name) { _ in log }
        let group = MultiThreadedEventLoopGroup.singleton
        var context = ModuleContext(
            name: name, mountPath: mountPath, logger: logger, resourceFolder: resourceFolder, stateFolder: stateFolder,
            eventLoopGroup: group, settings: settings, settingsOrigin: "the test", mode: .test)
        context.databaseOverride = databaseOverride
        self.context = context
        hosted = try await HostedModule(type, context: context, log: log)
        server = try GatewayServer(
            limits: Limits(), mounts: MountTable([(mountPath.isEmpty ? "/" : mountPath, hosted.handler)]),
            logger: logger)
        self.gatewayProtocol = gatewayProtocol
        self.socketPath = socketPath
    }

    /// Serves while `body` runs. A service that fails meanwhile fails the test.
    func whileServing<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        let socket = try DevelopmentSocket(path: socketPath)
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

    /// Plays the front server for one request. Blocks until the response is whole.
    func response(to request: ModuleTester.Request, timeout: Duration) throws -> ModuleTester.Response {
        do {
            let client = try GatewayClient(to: endpoint, timeout: timeout)
            return try ModuleTester.Response(client.response(to: ClientRequest(request), timeout: timeout))
        } catch let error as GatewayClientError {
            throw ModuleTester.NoResponse(error)
        }
    }

    private var endpoint: Endpoint { Endpoint(.gateway(gatewayProtocol), .unix(path: socketPath)) }
}

/// A folder for the socket and for the module's files. It is in /tmp even if TMPDIR is set, because a socket's path can
/// have 107 bytes at most.
struct TemporaryFolder {
    let path: String

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    init() throws {
        var template = Array("/tmp/gatehouse-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Failure(description: "cannot make a folder in /tmp: \(SystemError.text())")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes the folder with all that is in it.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
