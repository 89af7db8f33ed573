public import Gatehouse
public import GatehousePlan
public import HTTPTypes
import NIOPosix

/// A module under test behind a front server in a box: the module's real server on a Unix socket in a temporary folder,
/// and requests that reach it as nginx would send them. No nginx, no other process.
///
/// swift-log's `LoggingSystem` is not bootstrapped: the tests decide where libraries log to.
///
/// ```swift
/// @Test func `the front page greets`() async throws {
///     try await ModuleTester.run(Guestbook.self, settings: #"{"title": "Notes"}"#) { guestbook in
///         let response = try await guestbook.get("/")
///         #expect(response.status == .ok)
///         #expect(response.text == "Notes\n")
///     }
/// }
/// ```
public struct ModuleTester: Sendable {
    let served: ServedModule
    let tested: TestedDatabase?
    private let mountPath: String

    /// Makes the module, serves it while `body` runs, and stops it with its services.
    /// - Parameters:
    ///   - module: the module's type.
    ///   - database: the database that the module gets in place of the one in its settings; `nil` leaves it that.
    ///   - fixtures: files of SQL that fill the database after the module's `init`, each looked for in `resourceFolder`
    ///     and then in the current directory.
    ///   - settings: the module's `settings` in a configuration, as JSON. With a `database`, its `url` need not be
    ///     there.
    ///   - mountPath: `/blog`, or empty for the root. Targets of requests are relative to it.
    ///   - resourceFolder: the module's `ModuleContext.resourceFolder`.
    ///   - gatewayProtocol: the protocol between the front server and the module's server.
    ///   - body: the test, which sends requests by the tester that it is given.
    /// - Returns: the result of `body`.
    /// - Throws: the error of the module's `init`, of one of its services, or of `body`.
    public static func run<Module: HandlerModule, Result: Sendable>(
        _ module: Module.Type, database: TestDatabase? = nil, fixtures: [String] = [], settings: String = "{}",
        mountPath: String = "", resourceFolder: String = "Resources", gatewayProtocol: GatewayProtocol = .fastCGI,
        _ body: @Sendable (ModuleTester) async throws -> Result
    ) async throws -> Result {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let tested = database.map(TestedDatabase.init)
        do {
            let served = try await ServedModule(
                module, settings: tested?.settings(json: settings) ?? settings, mountPath: mountPath,
                resourceFolder: resourceFolder, stateFolder: folder.path + "/state", databaseOverride: tested,
                gatewayProtocol: gatewayProtocol, socketPath: folder.path + "/module.sock")
            let tester = ModuleTester(served: served, tested: tested, mountPath: mountPath)
            try await tested?.load(fixtures, from: resourceFolder)
            let result = try await served.whileServing { try await body(tester) }
            await tested?.end()
            return result
        } catch {
            await tested?.end()
            throw error
        }
    }

    /// The path of the Unix socket that the module is served on, for a client other than this.
    public var socketPath: String { served.socketPath }

    /// Sends any request and returns the whole response.
    /// - Parameter timeout: the limit for the whole exchange, 30 seconds by default.
    /// - Throws: ``NoResponse`` if there is no whole response.
    public func send(_ request: Request, timeout: Duration = .seconds(30)) async throws -> Response {
        var request = request
        if request.target.hasPrefix("/") { request.target = mountPath + request.target }
        let sent = request
        // On a thread of its own: the client's calls block, and the module's event loops must not wait for them.
        return try await NIOThreadPool.singleton.runIfActive {
            try served.response(to: sent, timeout: timeout)
        }
    }

    /// Sends a GET request.
    /// - Parameters:
    ///   - target: the path with its query, as on the request line: `/notes?page=2`.
    ///   - headers: the request's headers; `Host: localhost` is added if there is no `Host`.
    /// - Throws: ``NoResponse`` if there is no whole response within 30 seconds.
    public func get(_ target: String, headers: HTTPFields = [:]) async throws -> Response {
        try await send(Request(target: target, headers: headers))
    }

    /// Sends a POST request with any body.
    /// - Parameters:
    ///   - target: the path with its query, as on the request line.
    ///   - contentType: the value of `Content-Type`, in place of one in `headers`; `nil` adds none.
    ///   - headers: the request's headers; `Content-Length` is added.
    /// - Throws: ``NoResponse`` if there is no whole response within 30 seconds.
    public func post(
        _ target: String, body: [UInt8], contentType: String? = nil, headers: HTTPFields = [:]
    ) async throws -> Response {
        var headers = headers
        if let contentType { headers[.contentType] = contentType }
        return try await send(Request(method: .post, target: target, headers: headers, body: body))
    }

    /// Sends a POST request with text, by default that of a form: `title=Rain&page=2`.
    /// - Throws: ``NoResponse`` if there is no whole response within 30 seconds.
    public func post(
        _ target: String, text: String, contentType: String = "application/x-www-form-urlencoded",
        headers: HTTPFields = [:]
    ) async throws -> Response {
        try await post(target, body: Array(text.utf8), contentType: contentType, headers: headers)
    }
}
