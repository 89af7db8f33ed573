import GatehouseTesting
import HTTPTypes
import HummingbirdCore
import Testing

@testable import Gatehouse

/// The paths that need no search.
struct KnownPathsTests {
    /// Notes which path the request's context has, and that it was there.
    struct Noting: RouterMiddleware {
        func handle(
            _ request: Request, context: GatewayRequestContext,
            next: @concurrent (Request, GatewayRequestContext) async throws -> Response
        ) async throws -> Response {
            var response = try await next(request, context)
            response.headers[.server] = context.endpointPath
            return response
        }
    }

    struct Shop: HandlerModule {
        init(context: ModuleContext) async throws {}

        func routes(_ router: Router<GatewayRequestContext>) {
            router.get("/before") { _, _ in "before" }
            router.add(middleware: Noting())
            router.get("/") { _, _ in "root" }
            router.get("/items") { _, _ in "items" }
            router.post("/items") { _, _ in "posted" }
            router.get("/items/new") { _, _ in "new" }
            router.get("/items/:id") { _, context in "item \(context.parameters.get("id") ?? "-")" }
            router.get("/files/**") { _, context in context.parameters.getCatchAll().joined(separator: "+") }
            router.get("/any/*") { _, _ in "any" }
            router.get("/gone") { _, _ -> String in throw HTTPError(.gone) }
            router.get("/é") { _, _ in "letter" }
        }
    }

    @Test func `the paths without parameters are known`() async throws {
        let router = Router(context: GatewayRequestContext.self)
        router.get("/") { _, _ in "" }
        router.get("/items") { _, _ in "" }
        router.post("/items") { _, _ in "" }
        router.get("/items/:id") { _, _ in "" }
        router.get("/files/**") { _, _ in "" }
        router.get("/what?") { _, _ in "" }
        let known = KnownPaths(router.buildResponder(), paths: router.routes.map(\.path))
        // If this fails with another version of Hummingbird: everything works, and takes longer.
        #expect(known.count == 2)
        for path in ["/", "/items", "/items?a=b", "/?"] { #expect(known.endpoint(of: URI(path)) != nil, "\(path)") }
        for path in ["", "/item", "/items/", "/items/7", "//items", "/what?", "/files/a", "/ITEMS"] {
            #expect(known.endpoint(of: URI(path)) == nil, "\(path)")
        }
        let items = try #require(known.endpoint(of: URI("/items")))
        #expect(items.path == "/items")
        #expect(items.responder(for: .get) != nil)
        #expect(items.responder(for: .post) != nil)
        #expect(items.responder(for: .put) == nil)
    }

    @Test func `a known path answers as a search would`() async throws {
        try await ModuleTester.run(Shop.self) { shop in
            for (method, path, status, text, endpoint) in [
                ("GET", "/", 200, "root", "/"), ("GET", "/?q", 200, "root", "/"),
                ("GET", "/items", 200, "items", "/items"), ("GET", "/items?a=b", 200, "items", "/items"),
                ("GET", "/items/", 200, "items", "/items"), ("POST", "/items", 200, "posted", "/items"),
                ("HEAD", "/items", 200, "", "/items"), ("GET", "/items/new", 200, "new", "/items/new"),
                ("GET", "/items/7", 200, "item 7", "/items/{id}"), ("GET", "/files/a/b", 200, "a+b", "/files/**"),
                ("GET", "/any/*", 200, "any", "/any/*"), ("GET", "/before", 200, "before", nil),
                ("GET", "/gone", 410, "", nil), ("PUT", "/items", 405, "", nil), ("GET", "/item", 404, "", nil),
            ] as [(String, String, Int, String, String?)] {
                let known = try #require(HTTPRequest.Method(method))
                let response = try await shop.send(ModuleTester.Request(method: known, target: path))
                #expect(response.status.code == status, "\(method) \(path)")
                if status == 200 { #expect(response.text == text, "\(method) \(path)") }
                #expect(response.headers[.server] == endpoint, "\(method) \(path)")
            }
        }
    }
}
