import Gatehouse
import GatehouseTesting
import Synchronization
import TestSupport
import Testing

@testable import GatehouseWeb

/// Answers made of templates.
struct ViewsPageTests {
    private struct Pages: HandlerModule {
        let views: Views

        init(context: ModuleContext) throws {
            let globals: [String: ViewHelpers.Global] = [
                "broken": { _ in throw ViewProblem("no session") }
            ]
            views = try Views(context: context, helpers: [ViewHelpers(globals: globals)])
        }

        func routes(_ router: Router<WebContext>) {
            router.get("/") { [views] _, context in
                try views.page("index", ["title": "<Hi>"], context, status: .created, headers: [.eTag: "\"1\""])
            }
            router.get("/bare") { [views] _, context in try views.page("feed.xml", context) }
            router.get("/typo") { [views] _, context in try views.page("indx", context) }
            router.get("/broken") { [views] _, context in try views.page("broken", context) }
            router.get("/rows") { [views] request, context in
                let count = request.uri.queryParameters.get("count", as: Int.self) ?? 0
                let rows = AsyncStream { stream in
                    for number in 0..<count { stream.yield(["number": number]) }
                    stream.finish()
                }
                return try views.stream("rows", ["rows": ViewRows(rows)], context)
            }
            router.get("/unstreamed") { [views] _, context in
                try views.page("rows", ["rows": ViewRows(AsyncStream<Int> { $0.finish() })], context)
            }
            router.get("/early") { [views] _, context in try views.stream("index", [:] as ViewValue, context) }
            router.get("/late") { [views] request, context in
                let count = request.uri.queryParameters.get("count", as: Int.self) ?? 0
                let rows = AsyncThrowingStream<[String: Int], any Error> { stream in
                    for number in 0..<count { stream.yield(["number": number]) }
                    stream.finish(throwing: ViewProblem("gone"))
                }
                return try views.stream("rows", ["rows": ViewRows(rows)], context)
            }
        }
    }

    private struct Draft: HandlerModule {
        let views: Views

        init(context: ModuleContext) throws {
            views = try Views(templates: ["draft.html": "{{nmae}}"], mode: .development)
        }

        func routes(_ router: Router<WebContext>) {
            router.add(middleware: SecurityHeaders())
            router.get("/") { [views] _, context in try views.page("draft", ["name": "x"], context) }
        }
    }

    @Test func `the page of a mistake keeps its own style under a strict policy`() async throws {
        try await ModuleTester.run(Draft.self) { draft async throws in
            let page = try await draft.get("/")
            #expect(page.status == .internalServerError && page.text.contains("<style>"))
            #expect(page.headers[.contentSecurityPolicy]?.contains("style-src 'unsafe-inline'") == true)
        }
    }

    private static let templates = [
        "index.html": "{{title}} at {{mountPath}}", "feed.xml": "<feed/>", "broken.html": "{{broken}}",
        "rows.html": "{{#rows}}{{-number}}:{{number}}{{#-first}} first{{/-first}}\n{{/rows}}end",
    ]

    private static func test(_ body: @Sendable @escaping (ModuleTester) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        _ = folder.makeFolder("templates")
        for (name, text) in templates { try folder.write(Array(text.utf8), to: "templates/\(name)") }
        try await ModuleTester.run(Pages.self, mountPath: "/blog", resourceFolder: folder.path, body)
    }

    @Test func `a page has its status, type, values and globals`() async throws {
        try await Self.test { module async throws in
            let page = try await module.get("/")
            #expect(page.status == .created && page.text == "&lt;Hi&gt; at /blog")
            #expect(page.headers[.contentType] == "text/html; charset=utf-8" && page.headers[.eTag] == "\"1\"")
            let feed = try await module.get("/bare")
            #expect(feed.headers[.contentType] == "application/xml; charset=utf-8" && feed.text == "<feed/>")
        }
    }

    @Test func `mistakes are 500s that show nothing`() async throws {
        try await Self.test { module async throws in
            for path in ["/typo", "/broken", "/unstreamed", "/early"] {
                let page = try await module.get(path)
                #expect(page.status == .internalServerError && !page.text.contains("index"))
            }
        }
    }

    @Test func `rows are written as they come`() async throws {
        try await Self.test { module async throws in
            #expect(try await module.get("/rows").text == "end")
            #expect(try await module.get("/rows?count=2").text == "1:0 first\n2:1\nend")
            let long = try await module.get("/rows?count=20000")
            #expect(long.text.hasSuffix("20000:19999\nend") && long.headers[.contentLength] == nil)
        }
    }

    @Test func `rows that fail break the answer off`() async throws {
        try await Self.test { module async throws in
            // The client hears of it, even though a part of the page has gone out.
            await #expect(throws: ModuleTester.NoResponse.self) { try await module.get("/late?count=100000") }
            #expect(try await module.get("/late").status == .internalServerError)
        }
    }

    @Test func `a global value is made once for each page that names it`() throws {
        let made = Mutex(0)
        let helpers = ViewHelpers(globals: [
            "token": { _ in
                .int(
                    made.withLock {
                        $0 += 1; return $0
                    })
            }
        ])
        let views = try Views(templates: ["a.html": "{{token}}{{token}}", "b.html": "b"], helpers: [helpers])
        #expect(throws: ViewProblem.self) { try views.text("a", [:] as ViewValue) }
        #expect(try views.text("b", [:] as ViewValue) == "b")
        #expect(made.withLock { $0 } == 0)
        #expect(try views.text("a", ["token": "own"] as ViewValue) == "ownown")
    }
}
