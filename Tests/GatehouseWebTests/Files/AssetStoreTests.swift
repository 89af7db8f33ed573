import Gatehouse
@testable import GatehouseWeb
import Glibc
import Logging
import Testing
import TestSupport

/// The table of assets in the modes that a `ModuleTester` does not have, and the mistakes in a folder.
struct AssetStoreTests {
    private func store(_ folder: TemporaryFolder, _ mode: ModuleMode) throws(AssetError) -> AssetStore {
        try AssetStore(
            AssetFolder(path: folder.path + "/assets"), mode: mode, prefix: "/assets/", logger: Logger(label: "test"))
    }

    private func get(_ store: AssetStore, _ name: String) async throws -> (text: String, caching: String?) {
        let request = Request(
            head: .init(method: .get, scheme: "http", authority: "x", path: "/assets/\(name)"),
            body: RequestBody(buffer: ByteBuffer()))
        let response = try await store.respond(to: request, name: name[...])
        let writer = Collector()
        try await response.body.write(writer)
        return (String(buffer: writer.buffer), response.headers[.cacheControl])
    }

    private final class Collector: ResponseBodyWriter, @unchecked Sendable {
        var buffer = ByteBuffer()
        func write(_ part: ByteBuffer) async throws { buffer.writeImmutableBuffer(part) }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }

    @Test func `in development a change is seen at once, under the plain name`() async throws {
        let folder = try assetResources()
        let store = try store(folder, .development)
        #expect(try store.address(of: "base.css") == "/assets/base.css")
        try folder.write(Array("p { margin: 1em }".utf8), to: "assets/base.css")
        try folder.write(Array("new".utf8), to: "assets/new.txt")
        #expect(try await get(store, "base.css").text == "p { margin: 1em }")
        #expect(try await get(store, "new.txt") == ("new", "no-cache"))
        #expect(throws: AssetError.self) { try store.address(of: "missing.png") }
    }

    @Test func `in production an unknown name has its plain address`() throws {
        let store = try store(try assetResources(), .production)
        #expect(try store.address(of: "missing ä.png") == "/assets/missing%20%C3%A4.png")
    }

    @Test func `a large file is read from the disk, and kept for a year unless it has changed`() async throws {
        let folder = try assetResources()
        let large = String(repeating: "0123456789abcdef", count: 40_000)
        try folder.write(Array(large.utf8), to: "assets/large.txt")
        let store = try store(folder, .production)
        let address = try String(store.address(of: "large.txt").dropFirst("/assets/".count))
        #expect(try await get(store, address) == (large, "public, max-age=31536000, immutable"))
        try folder.write(Array("short now".utf8), to: "assets/large.txt")
        #expect(try await get(store, address) == ("short now", "no-cache"))
    }

    /// Row L2 of hostile input: a link is not followed.
    @Test func `a symbolic link is a mistake`() throws {
        let folder = try assetResources()
        symlink("../outside.txt", folder.path + "/assets/link.txt")
        let error = #expect(throws: AssetError.self) { try store(folder, .production) }
        #expect(error?.description == "assets/link.txt: is a symbolic link: put the file itself there")
    }

    @Test func `a file that turns into a link is not read through it`() async throws {
        let folder = try assetResources()
        try folder.write([UInt8](repeating: 65, count: 100_000), to: "assets/large.txt")
        let store = try store(folder, .production)
        unlink(folder.path + "/assets/large.txt")
        symlink("../outside.txt", folder.path + "/assets/large.txt")
        await #expect(throws: HTTPError.self) { try await get(store, "large.txt") }
    }

    @Test(arguments: [
        ("url(missing.png)", "assets/x.css:1:7: missing.png: there is no such file as assets/missing.png"),
        ("url(../../etc/passwd)", "assets/x.css:1:7: ../../etc/passwd: leads out of the folder of assets"),
        ("\n@import 'x.css';", "assets/x.css: imports itself: x.css → x.css"),
    ])
    func `a mistake in a style sheet has its place`(_ css: String, _ message: String) throws {
        let folder = try assetResources()
        try folder.write(Array("a:\(css)".utf8), to: "assets/x.css")
        let error = #expect(throws: AssetError.self) { try store(folder, .production) }
        #expect(error?.description == message)
    }

    @Test func `a missing folder says so`() throws {
        let error = #expect(throws: AssetError.self) { try store(try TemporaryFolder(), .production) }
        #expect(error?.description.contains("cannot be read") == true)
    }
}
