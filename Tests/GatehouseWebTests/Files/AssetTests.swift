import Gatehouse
import GatehouseTesting
@testable import GatehouseWeb
import Testing
import TestSupport

struct AssetTests {
    private func serving(_ body: @Sendable (ModuleTester) async throws -> Void) async throws {
        let folder = try assetResources()
        try await ModuleTester.run(AssetModule.self, mountPath: "/shop", resourceFolder: folder.path, body)
    }

    @Test func `a name has an address with a fingerprint, whose answer is kept for a year`() async throws {
        try await serving { tester async throws in
            let address = try await tester.get("/address?img/logo.svg").text
            #expect(address.hasPrefix("/shop/assets/img/logo.") && address.hasSuffix(".svg"))
            let response = try await tester.get(String(address.dropFirst(5)))
            #expect(response.status == .ok && response.text == "<svg/>")
            #expect(response.headers[.cacheControl] == "public, max-age=31536000, immutable")
            #expect(response.headers[.contentType] == "image/svg+xml")
            #expect(response.headers[.xContentTypeOptions] == "nosniff")
        }
    }

    @Test func `a plain name is answered, and asked for again`() async throws {
        try await serving { tester async throws in
            let response = try await tester.get("/assets/a%20b%25.txt")
            #expect(response.text == "odd" && response.headers[.cacheControl] == "no-cache")
            let etag = try #require(response.headers[.eTag]), modified = try #require(response.headers[.lastModified])
            for headers: HTTPFields in [[.ifNoneMatch: etag], [.ifModifiedSince: modified]] {
                let again = try await tester.get("/assets/a%20b%25.txt", headers: headers)
                #expect(again.status == .notModified && again.body.isEmpty && again.headers[.eTag] == etag)
            }
            let other = try await tester.get("/favicon.svg", headers: [.ifNoneMatch: "\"x\", W/\"y\""])
            #expect(other.text == "<svg/>")
        }
    }

    @Test func `a style sheet names its files with their fingerprints`() async throws {
        try await serving { tester async throws in
            let address = try await tester.get("/address?app.css").text
            let text = try await tester.get(String(address.dropFirst(5))).text
            #expect(text.contains("url(img/logo.") && !text.contains("url(img/logo.svg)"))
            #expect(text.hasPrefix("@import \"base.") && !text.contains("\"base.css\""))
        }
    }

    @Test func `the address of the version before is answered with this one`() async throws {
        try await serving { tester async throws in
            let response = try await tester.get("/assets/base.00000000.css")
            #expect(response.text == "p { margin: 0 }" && response.headers[.cacheControl] == "no-cache")
        }
    }

    @Test func `a compressed copy is sent to those who take it`() async throws {
        try await serving { tester async throws in
            for (accepted, text, coding) in [
                ("gzip, br", "B", "br"), ("gzip;q=1.0, br;q=0.5", "GZ", "gzip"), ("identity", "alert(1)", nil),
                ("br;q=0", "alert(1)", nil),
            ] {
                let response = try await tester.get("/assets/app.js", headers: [.acceptEncoding: accepted])
                #expect(response.text == text && response.headers[.contentEncoding] == coding)
                #expect(response.headers[.vary] == "Accept-Encoding")
            }
        }
    }

    /// Row L5 of hostile input: one range at most.
    @Test func `parts are sent, and many parts are the whole`() async throws {
        try await serving { tester async throws in
            let part = try await tester.get("/assets/app.js", headers: [.range: "bytes=2-4"])
            #expect(part.status == .partialContent && part.text == "ert")
            #expect(part.headers[.contentRange] == "bytes 2-4/8")
            let many = Array(repeating: "0-", count: 1_000).joined(separator: ",")
            #expect(try await tester.get("/assets/app.js", headers: [.range: "bytes=\(many)"]).text == "alert(1)")
            #expect(
                try await tester.get("/assets/app.js", headers: [.range: "bytes=9-"]).status == .rangeNotSatisfiable)
            let stale: HTTPFields = [.range: "bytes=2-4", .ifRange: "\"old\""]
            #expect(try await tester.get("/assets/app.js", headers: stale).status == .ok)
        }
    }

    /// Row L1 of hostile input: nothing leads out of the folder.
    @Test(arguments: [
        "/assets/../outside.txt", "/assets/..%2foutside.txt", "/assets/%2e%2e/outside.txt", "/assets/.secret",
        "/assets/.git/config", "/assets//app.js", "/assets/app.js%00.txt", "/assets/%", "/assets/%zz", "/assets/%FF",
        "/assets/", "/assets", "/assets/img", "/assets/img/", "/assets/img%2f..%2fapp.js", "/assets/app.js/",
        "/assets/%2fetc%2fpasswd", "/assets/..%5coutside.txt",
    ])
    func `nothing but the files of the folder is reached`(_ target: String) async throws {
        try await serving { tester async throws in
            let response = try await tester.get(target)
            #expect([.notFound, .badRequest].contains(response.status), "\(target): \(response.text)")
        }
    }

    @Test func `HEAD has the headers and no body`() async throws {
        try await serving { tester async throws in
            let response = try await tester.send(.init(method: .head, target: "/assets/app.js"))
            #expect(response.status == .ok && response.body.isEmpty)
            #expect(response.headers[.eTag] == (try await tester.get("/assets/app.js").headers[.eTag]))
            #expect(try await tester.post("/assets/app.js", text: "").status == .methodNotAllowed)
        }
    }

    @Test func `an unknown name is an error in a test`() async throws {
        try await serving { tester async throws in
            #expect(try await tester.get("/address?missing.png").status == .internalServerError)
        }
    }
}
