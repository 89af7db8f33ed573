public import Gatehouse
public import GatehouseClient
public import GatehousePlan
import GatehouseServer
import GatehouseWire
import NIOPosix

/// A module under test, behind a front server in a box: the module's real server on a Unix socket in a temporary
/// folder, and requests that reach it as nginx would send them. No nginx, no other process.
///
/// swift-log's `LoggingSystem` is left to the tests, whose process it is: what libraries log goes where they say.
///
/// ```swift
/// @Test func `the front page greets`() async throws {
///     try await ModuleTester.run(Guestbook.self, settings: #"{"title": "Notes"}"#) { guestbook in
///         let response = try await guestbook.get("/")
///         #expect(response.status == 200)
///     }
/// }
/// ```
public struct ModuleTester: Sendable {
    /// Where the module listens, for requests that are not made here.
    public let endpoint: Endpoint
    private let mountPath: String

    /// Makes the module, serves it while `body` runs, and stops it, its services included.
    /// - Parameters:
    ///   - settings: what the configuration would have under the module's `settings`, as JSON.
    ///   - mountPath: `/blog`, or empty for the root. Paths of requests are relative to it.
    ///   - resourceFolder: the module's `ModuleContext.resourceFolder`.
    ///   - gatewayProtocol: what the front server speaks.
    /// - Throws: what the module's `init`, its services or `body` throw.
    public static func run<Module: HandlerModule, Result: Sendable>(
        _ module: Module.Type, settings: String = "{}", mountPath: String = "", resourceFolder: String = "Resources",
        gatewayProtocol: GatewayProtocol = .fastCGI, _ body: @Sendable (ModuleTester) async throws -> Result
    ) async throws -> Result {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let served = try await ServedModule(
            module, settings: settings, mountPath: mountPath, resourceFolder: resourceFolder, gatewayProtocol: gatewayProtocol,
            socketPath: folder.path + "/module.sock")
        let tester = ModuleTester(endpoint: served.endpoint, mountPath: mountPath)
        return try await served.whileServing { try await body(tester) }
    }

    /// Sends any request and returns the whole response.
    /// - Parameter timeout: for the whole exchange.
    /// - Throws: `GatewayClientError` where there is no whole response.
    public func send(_ request: ClientRequest, timeout: Duration = .seconds(30)) async throws -> ClientResponse {
        var request = request
        if request.target.hasPrefix("/") { request.target = mountPath + request.target }
        let sent = request
        // On a thread of its own: the front server's calls block, and the module's event loops must not wait for them.
        return try await NIOThreadPool.singleton.runIfActive {
            try GatewayClient(to: endpoint, timeout: timeout).response(to: sent, timeout: timeout)
        }
    }

    /// GET, with the path and query as on the request line.
    public func get(_ target: String, headers: [ClientHeader] = []) async throws -> ClientResponse {
        try await send(ClientRequest(target: target, headers: headers))
    }

    /// POST of any body.
    /// - Parameter contentType: `Content-Type`; none is sent where it is `nil`.
    public func post(
        _ target: String, body: [UInt8], contentType: String? = nil, headers: [ClientHeader] = []
    ) async throws -> ClientResponse {
        let typed = contentType.map { [ClientHeader("Content-Type", $0)] } ?? []
        return try await send(ClientRequest(method: "POST", target: target, headers: typed + headers, body: body))
    }

    /// POST of text, by default of a form: `title=Rain&page=2`.
    public func post(
        _ target: String, text: String, contentType: String = "application/x-www-form-urlencoded",
        headers: [ClientHeader] = []
    ) async throws -> ClientResponse {
        try await post(target, body: Array(text.utf8), contentType: contentType, headers: headers)
    }
}
