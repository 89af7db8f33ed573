import Gatehouse
import GatehouseTesting
import GatehouseWeb
import HTTPTypes
import Hummingbird
import Testing

/// A shop of which the stack is all.
struct Shop: HandlerModule {
    let stack: WebStack<WebContext>

    init(context: ModuleContext) async throws {
        var stack = try WebStack<WebContext>(context: context)
        stack.exemptFromOriginCheck = ["/hooks/**"]
        stack.exemptFromTokenCheck = ["/pictures"]
        stack.innermost = [Marker()]
        self.stack = stack
    }

    func routes(_ router: Router<WebContext>) {
        stack.add(to: router)
        router.get("/") { _, context in
            let visits = (context.session["visits", as: Int.self] ?? 0) + 1
            context.session["visits"] = visits
            return "\(visits) \(context.takeFlashes().map(\.text)) \(context.nonce)"
        }
        router.get("/plain") { _, _ in "plain" }
        router.post("/cart") { _, context in
            context.flash("Added.")
            return context.redirect(toLocal: "/shop/")
        }
        router.post("/hooks/pay") { _, _ in "paid" }
        router.post("/pictures") { _, _ in "kept" }
    }

    /// Stands for a sign-in, which needs the session.
    struct Marker: RouterMiddleware {
        func handle(
            _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
        ) async throws -> Response {
            var response = try await next(request, context)
            if !context.session.isEmpty { response.headers[.server] = "has a session" }
            return response
        }
    }
}

struct WebStackTests {
    private func cookie(_ response: ModuleTester.Response) throws -> HTTPFields {
        let text = try #require(response.headers[.setCookie])
        return [.cookie: String(text.prefix { $0 != ";" })]
    }

    @Test func `one line gives sessions, messages, headers and the check of the origin`() async throws {
        try await ModuleTester.run(Shop.self, mountPath: "/shop") { shop async throws in
            let first = try await shop.get("/")
            #expect(first.text.hasPrefix("1 [] "))
            #expect(first.headers[.contentSecurityPolicy]?.contains("'nonce-\(first.text.dropFirst(5))'") == true)
            #expect(first.headers[.setCookie]?.hasPrefix("Shop=") == true)
            #expect(first.headers[.server] == "has a session")
            let added = try await shop.post("/cart", text: "", headers: cookie(first))
            #expect(added.status == .seeOther && added.headers[.location] == "/shop/")
            let second = try await shop.get("/", headers: cookie(added))
            #expect(second.text.hasPrefix("2 [\"Added.\"] "))
            let third = try await shop.get("/", headers: cookie(second))
            #expect(third.text.hasPrefix("3 [] "))
        }
    }

    @Test func `another site's form is refused with all headers, and an exempt path takes it`() async throws {
        try await ModuleTester.run(Shop.self, mountPath: "/shop") { shop async throws in
            let theirs: HTTPFields = [.origin: "https://evil.example"]
            let refused = try await shop.post("/cart", text: "", headers: theirs)
            #expect(refused.status == .forbidden && refused.headers[.setCookie] == nil)
            #expect(refused.headers[.contentSecurityPolicy] != nil)
            #expect(try await shop.post("/hooks/pay", text: "", headers: theirs).text == "paid")
            let nothing = try await shop.get("/nothing", headers: [.accept: "text/html"])
            #expect(nothing.status == .notFound && nothing.text.contains("<html"))
            #expect(nothing.headers[.xContentTypeOptions] == "nosniff")
            #expect(nothing.headers[try #require(HTTPField.Name("X-Request-Id"))] != nil)
        }
    }

    @Test func `the settings decide about tokens, names and trust`() async throws {
        let settings = """
            {"web": {"csrf-tokens": true, "session-name": "till", "https-only": true,
            "trusted-origins": ["https://friend.example"]}}
            """
        try await ModuleTester.run(Shop.self, settings: settings, mountPath: "/shop") { shop async throws in
            #expect(try await shop.post("/cart", text: "").status == .forbidden)
            let files = "multipart/form-data; boundary=x"
            #expect(try await shop.post("/cart", text: "", contentType: files).text.contains("a form with files"))
            #expect(try await shop.post("/pictures", text: "", contentType: files).text == "kept")
            let theirs = try await shop.post("/pictures", text: "", headers: [.origin: "https://evil.example"])
            #expect(theirs.status == .forbidden && theirs.text.contains("another site"))
            #expect(try await shop.get("/").headers[.setCookie]?.hasPrefix("__Host-till=") == true)
            let friend: HTTPFields = [.origin: "https://friend.example"]
            #expect(try await shop.post("/hooks/pay", text: "", headers: friend).text == "paid")
        }
    }

    @Test func `a setting that there is none keeps the module from starting`() async throws {
        let error = await #expect(throws: SettingsError.self) {
            try await ModuleTester.run(Shop.self, settings: #"{"web": {"key": ["x"]}}"#) { _ in }
        }
        #expect(error?.description.contains("web.key: there is no such setting; there are keys, ") == true)
    }
}
