import Gatehouse
import GatehouseServer
import GatehouseWeb
import GatehouseWire
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// A site whose users are in memory, and a browser with its cookie.
final class SignInSite: Sendable {
    struct Member: SignInUser {
        var id: Int
        var name: String
        var isAdmin = false
        var signInStamp = "first"
    }

    typealias Context = UserContext<Member>

    let members = Mutex<[Int: Member]>([
        1: Member(id: 1, name: "Ann", isAdmin: true), 2: Member(id: 2, name: "Bob"),
    ])
    private let responder: Mutex<RouterResponder<Context>?> = Mutex(nil)
    private let cookie = Mutex("")

    /// - Parameter remoteUser: whether users of the front server are taken.
    init(remoteUser: Bool = false, page: String? = "/sign-in") throws {
        let router = Router(context: Context.self)
        let keys = try KeyRing(["a secret of the tests, which is long enough"])
        router.add(middleware: Sessions<Context>(.cookie(keys), name: "test"))
        if remoteUser {
            router.add(
                middleware: SignIn<Context>(
                    page: page, find: { [unowned self] in member($0) },
                    remoteUser: { [unowned self] name in members.withLock { $0.values.first { $0.name == name } } }))
        } else {
            router.add(middleware: SignIn<Context>(page: page) { [unowned self] in member($0) })
        }
        addRoutes(to: router)
        responder.withLock { $0 = router.buildResponder() }
    }

    private func member(_ id: Int) -> Member? { members.withLock { $0[id] } }

    private func addRoutes(to router: Router<Context>) {
        router.get("/me") { _, context in try context.requireUser().name }
        router.post("/me") { _, context in try context.requireUser().name }
        router.get("/who") { _, context in context.user?.name ?? "nobody" }
        router.get("/cached") { _, context in
            Response(status: .ok, headers: [.cacheControl: "private, max-age=60"])
        }
        router.get("/admin") { _, context in try context.requireUser { $0.isAdmin }.name }
        router.group("/staff").add(middleware: RequireUser { $0.isAdmin }).get("/") { _, _ in "staff" }
        router.post("/in/:id") { [unowned self] _, context in
            let id = try context.parameters.require("id", as: Int.self)
            if let member = member(id) { context.signIn(member) }
            return HTTPResponse.Status.noContent
        }
        router.post("/out") { _, context in
            context.signOut()
            return HTTPResponse.Status.noContent
        }
        router.post("/cart") { _, context in
            context.session["cart"] = 7
            return HTTPResponse.Status.noContent
        }
        router.get("/cart") { _, context in "\(context.session["cart", as: Int.self] ?? 0)" }
    }

    /// The browser's cookie, to be stolen or planted.
    var cookieText: String {
        get { cookie.withLock { $0 } }
        set { cookie.withLock { $0 = newValue } }
    }

    /// Sends a request with the browser's cookie, and keeps the one that comes back.
    @discardableResult
    func send(
        _ path: String, _ method: HTTPRequest.Method = .get, headers: HTTPFields = [:], remoteUser: String? = nil
    ) async throws -> Response {
        var headers = headers
        if !cookieText.isEmpty { headers[.cookie] = cookieText }
        let request = Request(
            head: HTTPRequest(method: method, scheme: "http", authority: "site", path: path, headerFields: headers),
            body: RequestBody(buffer: ByteBuffer()))
        let variables = remoteUser.map { [(name: "REMOTE_USER", value: $0)] } ?? []
        let gateway = GatewayRequest(
            number: 1,
            head: RequestHead(
                id: RequestID(rawValue: 1), role: .responder, keepsConnection: false,
                parameters: GatewayVariables(variables)), mountPath: "/club")
        let context = Context(
            source: GatewayRequestContextSource(
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, gateway: gateway))
        guard let responder = responder.withLock({ $0 }) else { return Response(status: .internalServerError) }
        let response = try await responder.respond(to: request, context: context)
        if let text = response.headers[.setCookie] {
            cookieText = text.contains("Max-Age=0") ? "" : String(text.prefix { $0 != ";" })
        }
        return response
    }

    /// The text of a page.
    func text(_ path: String, remoteUser: String? = nil) async throws -> String {
        let response = try await send(path, remoteUser: remoteUser)
        let collector = Collector()
        try await response.body.write(collector)
        return collector.text
    }

    /// Collects a body.
    private final class Collector: ResponseBodyWriter {
        var text = ""

        func write(_ buffer: ByteBuffer) async throws { text += String(buffer: buffer) }
        func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}
