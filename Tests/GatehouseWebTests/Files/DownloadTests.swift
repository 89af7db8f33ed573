import Gatehouse
import GatehouseTesting
import GatehouseWeb
import Glibc
import Testing
import TestSupport

/// Downloads without a front server, and the headers with one. The end-to-end tests have real ones.
struct DownloadTests {
    struct Module: HandlerModule {
        let files: Downloads

        init(context: ModuleContext) async throws { files = Downloads(in: context.resourceFolder) }

        func routes(_ router: Router<WebContext>) {
            router.get("/file") { [files] request, context in
                let name = request.uri.queryParameters["name"].map(String.init) ?? ""
                return try await files.accelerated(name, as: .inline("Ä\r\n\".txt"), request, context)
            }
        }
    }

    private func serving(_ body: @Sendable (ModuleTester, String) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        _ = folder.makeFolder("files")
        _ = folder.makeFolder("files/deep")
        try folder.write(Array("outside".utf8), to: "outside.txt")
        try folder.write(Array("content".utf8), to: "files/a.txt")
        try folder.write(Array("<script>".utf8), to: "files/deep/a b?.html")
        symlink("../outside.txt", folder.path + "/files/link.txt")
        symlink("..", folder.path + "/files/up")
        mkfifo(folder.path + "/files/pipe", 0o644)
        try await ModuleTester.run(Module.self, resourceFolder: folder.path + "/files") { [path = folder.path] in
            try await body($0, path)
        }
    }

    private func get(
        _ tester: ModuleTester, _ name: String, _ variables: [String: String] = [:], headers: HTTPFields = [:]
    ) async throws -> ModuleTester.Response {
        try await tester.send(.init(target: "/file?name=\(name)", headers: headers, variables: variables))
    }

    @Test func `without a front server the worker sends the file`() async throws {
        try await serving { tester, _ async throws in
            let response = try await get(tester, "a.txt")
            #expect(response.status == .ok && response.text == "content")
            #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
            #expect(response.headers[.contentDisposition]?.hasPrefix("inline; filename=\"____.txt\"") == true)
            #expect(response.headers[.cacheControl] == "private, no-cache")
            let etag = try #require(response.headers[.eTag])
            #expect(try await get(tester, "a.txt", headers: [.ifNoneMatch: etag]).status == .notModified)
            let part = try await get(tester, "a.txt", headers: [.range: "bytes=-3", .ifRange: etag])
            #expect(part.status == .partialContent && part.text == "ent")
        }
    }

    @Test func `the front server is given the path in its own form`() async throws {
        try await serving { tester, folder async throws in
            let word = "nginx \(folder)/files/=/protected/"
            let nginx = try await get(tester, "deep/a%20b%3F.html", ["GATEHOUSE_SENDFILE": word])
            #expect(nginx.headers[HTTPField.Name("X-Accel-Redirect")!] == "/protected/deep/a%20b%3F.html")
            #expect(nginx.body.isEmpty && nginx.headers[.contentType] == "text/html; charset=utf-8")
            // A type with scripts is saved, although the handler says inline.
            #expect(nginx.headers[.contentDisposition]?.hasPrefix("attachment") == true)
            let name = "deep/a%20b%3F.html"
            let apache = try await get(tester, name, ["GATEHOUSE_SENDFILE": "apache"])
            #expect(apache.headers[HTTPField.Name("X-Sendfile")!] == folder + "/files/deep/a b?.html")
            let lighttpd = try await get(tester, name, ["GATEHOUSE_SENDFILE": "lighttpd"])
            #expect(lighttpd.headers[HTTPField.Name("X-Sendfile")!] == folder + "/files/deep/a%20b%3F.html")
        }
    }

    @Test func `a client's header chooses no way`() async throws {
        try await serving { tester, _ async throws in
            let headers: HTTPFields = [
                HTTPField.Name("X-Accel-Redirect")!: "/x/", HTTPField.Name("X-Sendfile")!: "on",
                HTTPField.Name("X-Sendfile-Type")!: "X-Accel-Redirect",
                HTTPField.Name("Gatehouse-Sendfile")!: "lighttpd",
            ]
            #expect(try await get(tester, "a.txt", headers: headers).text == "content")
        }
    }

    /// Rows L1 and L2 of hostile input: nothing leads out of the folder.
    @Test(arguments: [
        "../outside.txt", "%2e%2e%2foutside.txt", "%2Fetc%2Fpasswd", "link.txt", "up/outside.txt", "deep", "pipe",
        "missing", "", ".", "a.txt%00", "a.txt%0d%0aX-Y:z", "deep/../../outside.txt", "a.txt/b",
    ])
    func `nothing outside, no link and no other kind of file is sent`(_ name: String) async throws {
        try await serving { tester, _ async throws in
            #expect(try await get(tester, name).status == .notFound)
        }
    }
}
