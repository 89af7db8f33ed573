import Gatehouse
import GatehouseWeb
import Glibc
import HTTPTypes

/// The parts of `scripts/bench --stack`: the same small response with nothing around it, with sessions, and with the
/// whole stack, in the worker that would serve it.
@main
struct StackLoad: HandlerModule {
    let cases: [(name: String, responder: RouterResponder<LoadContext>, path: String, hasCookie: Bool)]

    init(context: ModuleContext) async throws {
        let keys = try KeyRing([String(repeating: "k", count: 64)])
        let bare = Self.router { _ in }
        let sessions = Self.router { $0.add(middleware: Sessions(.cookie(keys), name: "load")) }
        let protection = try CrossOriginProtection<LoadContext>()
        let stack = Self.router { router in
            router.add(middleware: SecurityHeaders())
            router.add(middleware: Sessions(.cookie(keys), name: "load"))
            router.add(middleware: protection)
        }
        cases = [
            ("bare", bare, "/plain", true), ("sessions, no cookie", sessions, "/plain", false),
            ("sessions, cookie not opened", sessions, "/plain", true), ("sessions, read", sessions, "/read", true),
            ("sessions, written", sessions, "/write", true), ("stack, not used", stack, "/plain", true),
            ("stack, read", stack, "/read", true),
        ]
    }

    private static func router(_ add: (Router<LoadContext>) -> Void) -> RouterResponder<LoadContext> {
        let router = Router(context: LoadContext.self)
        add(router)
        router.get("/plain") { _, _ in "plain" }
        router.get("/read") { _, context in context.session.owner ?? "nobody" }
        router.get("/write") { _, context in
            context.session["count"] = (context.session["count", as: Int.self] ?? 0) + 1
            return "written"
        }
        router.get("/begin") { _, context in
            context.session.owner = "4711"
            context.session["name"] = "A user's name, and more of that, so that it is a usual session"
            return "begun"
        }
        return router.buildResponder()
    }

    func routes(_ router: Router<WebContext>) {
        router.get("/measure") { [cases] request, context -> [String: Double] in
            let seconds = request.uri.queryParameters.get("seconds", as: Double.self) ?? 1
            let begun = try await cases[1].responder.respond(
                to: Self.request("/begin", cookie: nil), context: LoadContext(context))
            let cookie = begun.headers[.setCookie].map { String($0.prefix { $0 != ";" }) }
            var figures: [String: Double] = [:]
            for one in cases {
                let sent = Self.request(one.path, cookie: one.hasCookie ? cookie : nil)
                figures[one.name] = try await Self.measure(one.responder, sent, context, seconds)
            }
            return figures
        }
    }

    private static func request(_ path: String, cookie: String?) -> Request {
        var headers: HTTPFields = [.accept: "text/html", .userAgent: "load"]
        headers[.cookie] = cookie.map { "theme=dark; \($0); other=1" }
        let head = HTTPRequest(
            method: .get, scheme: "http", authority: "localhost", path: path, headerFields: headers)
        return Request(head: head, body: RequestBody(buffer: ByteBuffer()))
    }

    /// The processor time of a request, in nanoseconds.
    private static func measure(
        _ responder: RouterResponder<LoadContext>, _ request: Request, _ context: WebContext, _ seconds: Double
    ) async throws -> Double {
        for _ in 0..<1_000 { _ = try await responder.respond(to: request, context: LoadContext(context)) }
        var count = 0
        let start = time()
        var now = start
        while now - start < seconds {
            for _ in 0..<1_000 { _ = try await responder.respond(to: request, context: LoadContext(context)) }
            count += 1_000
            now = time()
        }
        return (now - start) / Double(count) * 1e9
    }

    private static func time() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// A context that can be made anew for each measured request.
struct LoadContext: WebRequestContext {
    typealias Source = GatewayRequestContextSource

    var coreContext: CoreRequestContextStorage
    let gateway: GatewayRequest
    let values = RequestValues()

    init(source: GatewayRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        gateway = source.gateway
    }

    init(_ context: WebContext) {
        coreContext = context.coreContext
        gateway = context.gateway
    }
}
