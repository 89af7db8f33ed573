import Gatehouse
import GatehouseTesting
@testable import GatehouseWeb
import Testing

struct ConditionTests {
    /// A resource of version 7; `/new` does not exist yet.
    struct Module: HandlerModule {
        init(context: ModuleContext) async throws {}

        func routes(_ router: Router<WebContext>) {
            router.get("/") { request, _ in
                try await request.answer(
                    etag: .strong("7"), lastModified: HTTPDate(secondsSince1970: 784_111_777),
                    headers: [.cacheControl: "private"]
                ) { Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "seven"))) }
            }
            router.get("/varied") { request, _ in
                var headers: HTTPFields = [:]
                headers[fields: .vary] = [
                    HTTPField(name: .vary, value: "Accept"), HTTPField(name: .vary, value: "Cookie"),
                ]
                return try await request.answer(etag: .strong("1"), headers: headers) {
                    Response(status: .ok, headers: [.vary: "Origin"])
                }
            }
            router.put("/") { request, _ in
                try await request.answer(etag: .strong("7"), requiresMatch: true) { Response(status: .noContent) }
            }
            router.put("/new") { request, _ in
                try await request.answer(etag: nil) { Response(status: .created) }
            }
        }
    }

    private func status(
        _ method: HTTPRequest.Method, _ headers: HTTPFields, at target: String = "/"
    ) async throws -> Int {
        try await ModuleTester.run(Module.self) {
            try await $0.send(.init(method: method, target: target, headers: headers)).status.code
        }
    }

    @Test(arguments: [
        ("\"7\"", 304), ("W/\"7\"", 304), ("\"6\", \"7\"", 304), ("*", 304), ("\"6\"", 200), ("7", 200), ("", 200),
        (String(repeating: "\"x\",", count: 1_000) + "\"7\"", 200),
    ])
    func `a state that the client has is not sent again`(_ header: String, _ expected: Int) async throws {
        #expect(try await status(.get, [.ifNoneMatch: header]) == expected)
    }

    @Test func `a 304 has the headers of the answer`() async throws {
        try await ModuleTester.run(Module.self) { tester async throws in
            let response = try await tester.get("/", headers: [.ifNoneMatch: "\"7\""])
            #expect(response.headers[.eTag] == "\"7\"" && response.headers[.cacheControl] == "private")
            #expect(response.headers[.lastModified] == "Sun, 06 Nov 1994 08:49:37 GMT" && response.body.isEmpty)
        }
    }

    @Test func `a header that is given twice is sent twice`() async throws {
        try await ModuleTester.run(Module.self) { tester async throws in
            #expect(try await tester.get("/varied").headers[values: .vary] == ["Accept", "Cookie"])
        }
    }

    @Test func `dates count only without a name`() async throws {
        #expect(try await status(.get, [.ifModifiedSince: "Sun, 06 Nov 1994 08:49:37 GMT"]) == 304)
        #expect(try await status(.get, [.ifModifiedSince: "Sun, 06 Nov 1994 08:49:36 GMT"]) == 200)
        #expect(try await status(.get, [.ifModifiedSince: "yesterday"]) == 200)
        let both: HTTPFields = [.ifModifiedSince: "Sun, 06 Nov 1994 08:49:37 GMT", .ifNoneMatch: "\"6\""]
        #expect(try await status(.get, both) == 200)
        #expect(try await status(.get, [.ifUnmodifiedSince: "Sun, 06 Nov 1994 08:49:36 GMT"]) == 412)
    }

    @Test func `a change of another state than was seen is refused`() async throws {
        #expect(try await status(.put, [.ifMatch: "\"7\""]) == 204)
        #expect(try await status(.put, [.ifMatch: "*"]) == 204)
        #expect(try await status(.put, [.ifMatch: "\"6\""]) == 412)
        #expect(try await status(.put, [.ifMatch: "W/\"7\""]) == 412)
        #expect(try await status(.put, [:]) == 428)
        #expect(try await status(.put, [.ifMatch: "\"7\"", .ifNoneMatch: "*"]) == 412)
    }

    @Test func `a state that does not exist yet matches nothing`() async throws {
        #expect(try await status(.put, [.ifNoneMatch: "*"], at: "/new") == 201)
        #expect(try await status(.put, [.ifMatch: "*"], at: "/new") == 412)
    }

    @Test func `any text makes a name that a header can have`() {
        #expect(ETag.strong("a \"b\"\r\nX: y").text == "\"a%20%22b%22%0D%0AX:%20y\"")
        #expect(ETag.weak("1").text == "W/\"1\"")
        #expect(ETag.hash(of: [1, 2, 3]).name.count == 32)
    }
}
