import Gatehouse
import GatehouseTesting
@testable import GatehouseWeb
import Testing

struct ErrorPageTests {
    struct Unexpected: Error, CustomStringConvertible {
        var description: String { "the password is <swordfish>" }
    }

    /// `?page` makes pages of one's own, `?failing` pages that fail, `?development` shows errors.
    struct Module: HandlerModule {
        init(context: ModuleContext) async throws {}

        func routes(_ router: Router<WebContext>) {
            router.add(middleware: RequestIDs())
            for (path, mode) in [("test", ModuleMode.test), ("development", .development), ("production", .production)]
            {
                add(to: router.group(RouterPath(path)).add(middleware: ErrorPages(mode: mode, page: Self.page)))
            }
        }

        private static let page: ErrorPages<WebContext>.Page = { problem, request, _ in
            switch request.uri.query {
            case "page":
                Response(
                    status: .ok, headers: [.contentType: "text/html"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: "own \(problem.status.code)")))
            case "failing": throw Unexpected()
            default: nil
            }
        }

        private func add(to group: RouterGroup<WebContext>) {
            group.get("unexpected") { _, _ -> String in throw Unexpected() }
            group.get("message") { _, _ -> String in throw HTTPError(.conflict, message: "taken by <b>") }
            group.get("internal") { _, _ -> String in throw HTTPError(.internalServerError, message: "swordfish") }
            group.get("login") { _, _ -> String in
                throw HTTPError(.unauthorized, headers: [.wwwAuthenticate: "Basic"], message: nil)
            }
            group.get("empty") { _, _ in Response(status: .forbidden) }
            group.get("finished") { _, _ in
                Response(status: .notFound, body: ResponseBody(byteBuffer: ByteBuffer(string: "my own")))
            }
            group.get("form") { _, _ -> String in
                var errors = FormErrors()
                errors.add("Too <short>.", to: "name")
                throw errors
            }
            group.post("read") { request, _ in try await request.body.collect(upTo: 10).readableBytes.description }
        }
    }

    private static let browser: HTTPFields = [.accept: "text/html,*/*;q=0.8"]

    private func get(_ target: String, _ headers: HTTPFields = browser) async throws -> ModuleTester.Response {
        try await ModuleTester.run(Module.self) {
            try await $0.send(.init(target: target, headers: headers, variables: ["REQUEST_ID": "abc<1>"]))
        }
    }

    /// Row L7 of hostile input: nothing of the error is told.
    @Test func `an unexpected error shows its number and nothing else`() async throws {
        for target in ["/production/unexpected", "/production/internal", "/test/unexpected?failing"] {
            let page = try await get(target)
            #expect(page.status == .internalServerError && page.text.contains("request abc&lt;1&gt;"))
            #expect(!page.text.contains("swordfish") && !page.text.contains("Unexpected"))
            let json = try await get(target, [:])
            #expect(json.headers[.contentType] == "application/problem+json" && !json.text.contains("swordfish"))
        }
    }

    @Test func `in development the error is shown, escaped`() async throws {
        let page = try await get("/development/unexpected").text
        #expect(page.contains("Unexpected: the password is &lt;swordfish&gt;"))
    }

    @Test func `a message for the client is shown to it`() async throws {
        #expect(try await get("/production/message").text.contains("<p>taken by &lt;b&gt;</p>"))
        let json = try await get("/production/message", [:])
        #expect(json.status == .conflict)
        #expect(json.text == #"{"detail":"taken by <b>","requestId":"abc<1>","status":409,"title":"Conflict"}"#)
    }

    @Test(arguments: [
        ("text/html,*/*;q=0.8", "text/html; charset=utf-8"), ("*/*", "application/problem+json"),
        ("application/json, text/html;q=0.5", "application/problem+json"),
        ("application/problem+json, text/html;q=0.5", "application/problem+json"),
    ])
    func `a client gets what it likes better`(accept: String, type: String) async throws {
        #expect(try await get("/production/message", [.accept: accept]).headers[.contentType] == type)
    }

    @Test func `headers of the error stay, and nobody keeps the answer`() async throws {
        let page = try await get("/production/login")
        #expect(page.headers[.wwwAuthenticate] == "Basic" && page.headers[.cacheControl] == "no-store")
        #expect(page.headers[.vary] == "Accept" && page.headers[HTTPField.Name("X-Request-Id")!] == "abc<1>")
    }

    @Test func `an answer without a body gets a page, a finished one stays`() async throws {
        #expect(try await get("/production/empty").text.contains("<h1>Forbidden</h1>"))
        #expect(try await get("/production/finished").text == "my own")
    }

    @Test func `pages of one's own have the error's status; one that fails is replaced`() async throws {
        let own = try await get("/production/empty?page")
        #expect(own.status == .forbidden && own.text == "own 403")
        #expect(try await get("/production/empty?failing").text.contains("<h1>Forbidden</h1>"))
    }

    @Test func `the faults of a form are a page for browsers, and JSON for programs`() async throws {
        let page = try await get("/production/form")
        #expect(page.status == .unprocessableContent && page.headers[.contentType] == "text/html; charset=utf-8")
        #expect(page.text.contains("<p>name: Too &lt;short&gt;.</p>"))
        let json = try await get("/production/form", [:])
        #expect(json.headers[.contentType] == "application/problem+json")
        #expect(json.text.contains(#""errors":{"name":["Too <short>."]}"#))
    }

    /// A module with the pages around all of its routes.
    struct Site: HandlerModule {
        init(context: ModuleContext) async throws {}

        func routes(_ router: Router<WebContext>) {
            router.add(middleware: ErrorPages(mode: .production))
            router.post("entries") { _, _ in "written" }
        }
    }

    @Test func `a page of a path without the method is one of a 405`() async throws {
        try await ModuleTester.run(Site.self) { tester async throws in
            for (target, status, title) in [
                ("/entries", 405, "Method Not Allowed"), ("/nothing", 404, "Not Found"),
            ] {
                let page = try await tester.send(.init(target: target, headers: Self.browser))
                #expect(page.status.code == status && page.text.contains("<h1>\(title)</h1>"), "\(target)")
                #expect(page.text.contains("Error \(status)"))
                #expect(page.headers[.allow] == (status == 405 ? "POST" : nil))
                let json = try await tester.get(target)
                #expect(json.status.code == status && json.text.contains("\"status\":\(status)"))
            }
        }
    }

    @Test func `a body over its limit is a 413`() async throws {
        try await ModuleTester.run(Module.self) { tester async throws in
            let response = try await tester.post("/test/read", text: "more than ten bytes", headers: Self.browser)
            #expect(response.status == .contentTooLarge && response.text.contains("<h1>"))
        }
    }
}
