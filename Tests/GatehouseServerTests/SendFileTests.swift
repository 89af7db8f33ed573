@testable import Gatehouse
import GatehouseServer
import GatehouseTesting
import Glibc
import NIOCore
import Testing
import TestSupport

/// `sendFile` without a front server, and its header with one. The end-to-end tests have real ones.
struct SendFileTests {
    struct Module: HandlerModule {
        let folder: String

        init(context: ModuleContext) async throws { folder = context.resourceFolder }

        func routes(_ router: Router<GatewayRequestContext>) {
            router.get("/file") { [folder] request, context in
                let name = request.uri.queryParameters["name"].map(String.init) ?? ""
                return try await context.gateway.sendFile(
                    folder + "/" + name, contentType: "text/plain", headers: [.cacheControl: "no-store"])
            }
        }
    }

    private func serving(_ body: @Sendable (ModuleTester, String) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try folder.write(Array("content".utf8), to: "a b.txt")
        try folder.write(Array("spaced".utf8), to: "a ")
        symlink("a b.txt", folder.path + "/link.txt")
        mkfifo(folder.path + "/pipe", 0o644)
        try await ModuleTester.run(Module.self, resourceFolder: folder.path) { [path = folder.path] in
            try await body($0, path)
        }
    }

    private func get(
        _ tester: ModuleTester, _ name: String = "a%20b.txt", by acceleration: String? = nil, headers: HTTPFields = [:]
    ) async throws -> ModuleTester.Response {
        let variables = acceleration.map { ["GATEHOUSE_SENDFILE": $0] } ?? [:]
        return try await tester.send(.init(target: "/file?name=\(name)", headers: headers, variables: variables))
    }

    @Test func `without a front server the worker sends the file, under the request's conditions`() async throws {
        try await serving { tester, _ async throws in
            let whole = try await get(tester)
            #expect(whole.status == .ok && whole.text == "content")
            #expect(whole.headers[.contentType] == "text/plain" && whole.headers[.cacheControl] == "no-store")
            #expect(whole.headers[.xContentTypeOptions] == "nosniff" && whole.headers[.acceptRanges] == "bytes")
            let etag = try #require(whole.headers[.eTag])
            let modified = try #require(whole.headers[.lastModified])
            #expect(try await get(tester, headers: [.ifNoneMatch: etag]).status == .notModified)
            #expect(try await get(tester, headers: [.ifModifiedSince: modified]).status == .notModified)
            #expect(try await get(tester, headers: [.ifMatch: "\"x\""]).status == .preconditionFailed)
            let part = try await get(tester, headers: [.range: "bytes=1-2", .ifRange: etag])
            #expect(part.status == .partialContent && part.text == "on")
            #expect(part.headers[.contentRange] == "bytes 1-2/7")
            #expect(try await get(tester, headers: [.range: "bytes=7-"]).status == .rangeNotSatisfiable)
        }
    }

    @Test func `the front server is given the path in its own form`() async throws {
        try await serving { tester, folder async throws in
            let nginx = try await get(tester, by: "nginx /x/=/no/, \(folder)/ = /files , / = /all/")
            #expect(nginx.headers[.accelRedirect] == "/files/a%20b.txt")
            #expect(nginx.body.isEmpty && nginx.headers[.contentType] == "text/plain")
            #expect(try await get(tester, by: "apache").headers[.sendfile] == folder + "/a b.txt")
            #expect(try await get(tester, by: "lighttpd").headers[.sendfile] == folder + "/a%20b.txt")
        }
    }

    @Test func `a folder of another spelling is another folder`() async throws {
        try await serving { tester, folder async throws in
            let name = "e%CC%81/%CC%81x"
            let nginx = "nginx \(folder)/\u{e9}/=/composed/, \(folder)/e\u{301}/=/decomposed/"
            #expect(try await get(tester, name, by: nginx).headers[.accelRedirect] == "/decomposed/%CC%81x")
        }
    }

    @Test func `a name that ends with a space is not left to Apache`() async throws {
        try await serving { tester, _ async throws in
            let answer = try await get(tester, "a%20", by: "apache")
            #expect(answer.text == "spaced" && answer.headers[.sendfile] == nil)
        }
    }

    @Test(arguments: ["", "nginx", "nginx /srv", "nginx /other/=/files/", "nginx srv=files", "squid", "Apache"])
    func `what the front server cannot send, or does not say, the worker sends`(_ word: String) async throws {
        try await serving { tester, _ async throws in
            #expect(try await get(tester, by: word).text == "content")
        }
    }

    @Test(arguments: [
        ("ngnix /srv/=/f/", "\"ngnix\" is no front server"), ("Apache", "\"Apache\" is no front server"),
        ("nginx", "no /FOLDER/=/LOCATION/ stands behind nginx"), ("lighttpd /srv/", "nothing may stand behind"),
        ("nginx /srv/", "\"/srv/\" is no /FOLDER/=/LOCATION/"),
        ("nginx /srv/=/f/, films=/films/", "\"films=/films/\" is no /FOLDER/=/LOCATION/"),
    ])
    func `a misspelled word of the front server has a problem that can be said`(_ word: String, _ said: String) {
        #expect(Acceleration.problem(of: word)?.contains(said) == true)
    }

    @Test(arguments: ["", "nginx /srv/=/f/", "nginx /x/=/no/ , /srv = /f", "lighttpd", "apache"])
    func `a word of the front server that is right has no problem`(_ word: String) {
        #expect(Acceleration.problem(of: word) == nil)
    }

    @Test func `a client's header is no word of the front server`() async throws {
        try await serving { tester, _ async throws in
            let name = try #require(HTTPField.Name("Gatehouse-Sendfile"))
            #expect(try await get(tester, headers: [name: "apache"]).text == "content")
        }
    }

    @Test(arguments: ["missing", "link.txt", "pipe", "a%20b.txt/b"])
    func `what is no file is not found`(_ name: String) async throws {
        try await serving { tester, _ async throws in
            #expect(try await get(tester, name).status == .notFound)
        }
    }

    @Test(arguments: ["", ".", "../a", "a//b", "a%0d%0aX:y", "a%00", "b/"])
    func `a path that cannot be sent is the module's mistake, with any front server`(_ name: String) async throws {
        try await serving { tester, _ async throws in
            #expect(try await get(tester, name).status == .internalServerError)
            #expect(try await get(tester, name, by: "apache").status == .internalServerError)
        }
    }

    @Test func `a file that becomes shorter while it is sent breaks off`() async throws {
        struct Writer: ResponseBodyWriter {
            let path: String

            mutating func write(_ buffer: ByteBuffer) async throws { truncate(path, 10) }
            consuming func finish(_ trailing: HTTPFields?) async throws { Issue.record("a cut body ends whole") }
        }
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        try folder.write([UInt8](repeating: 1, count: 300_000), to: "file")
        let body = FileBody.make(try OpenFile(path: path), 0..<300_000)
        await #expect(throws: (any Error).self) { try await body.write(Writer(path: path)) }
    }
}
