import Gatehouse
import GatehouseTesting
import GatehouseWeb
import Testing

/// Hummingbird's middleware as the guide uses it: outside of the error pages, for origins that are listed.
struct CORSTests {
    struct Module: HandlerModule {
        init(context: ModuleContext) async throws {}

        func routes(_ router: Router<WebContext>) {
            router.add(middleware: CORSMiddleware(allowOrigin: .oneOf("https://app.example"), allowCredentials: true))
            router.add(middleware: ErrorPages(mode: .test))
            router.get("/data") { _, _ in "data" }
        }
    }

    private func send(_ method: HTTPRequest.Method, _ target: String, from origin: String) async throws
        -> ModuleTester.Response
    {
        try await ModuleTester.run(Module.self) {
            try await $0.send(.init(method: method, target: target, headers: [.origin: origin]))
        }
    }

    @Test func `a listed origin may read, errors included`() async throws {
        for (method, target) in [(HTTPRequest.Method.get, "/data"), (.options, "/data"), (.get, "/missing")] {
            let response = try await send(method, target, from: "https://app.example")
            #expect(response.headers[.accessControlAllowOrigin] == "https://app.example")
            #expect(response.headers[.vary]?.contains("Origin") == true)
        }
    }

    @Test(arguments: ["https://evil.example", "null", "https://app.example.evil", "http://app.example"])
    func `another origin may not`(_ origin: String) async throws {
        for method in [HTTPRequest.Method.get, .options] {
            #expect(try await send(method, "/data", from: origin).headers[.accessControlAllowOrigin] == nil)
        }
    }
}
