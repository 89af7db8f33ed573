import GatehouseServer
import GatehouseWire
import HTTPTypes
import HummingbirdCore
import NIOCore
import Testing

struct MisuseTests {
    private struct Mishap: Error {}

    @Test func `a handler that throws is a 500 without its words`() async throws {
        let bench = try await Bench { _, _ in throw Mishap() }
        try await bench.send(Records.get("/"))
        let answer = try await bench.answer()
        #expect(answer.status == 500)
        #expect(!answer.text.contains("Mishap"))
    }

    // D1: nothing of a head that cannot be sent is on the wire.
    @Test func `a header named Status is a 500`() async throws {
        let bench = try await Bench { _, _ in
            guard let name = HTTPField.Name("Status") else { throw Mishap() }
            return Response(status: .ok, headers: [name: "599 Forged", .contentType: "text/forged"])
        }
        try await bench.send(Records.get("/"))
        let answer = try await bench.answer()
        #expect(answer.status == 500)
        #expect(!answer.text.lowercased().contains("forged"))
    }

    @Test(arguments: [100, 199, 600, 999])
    func `a status that cannot be final is a 500`(code: Int) async throws {
        let bench = try await Bench { _, _ in Response(status: .init(code: code)) }
        try await bench.send(Records.get("/"))
        #expect(try await bench.answer().status == 500)
    }

    // D3: the announced length and the written one.
    @Test func `a response shorter than announced is a 500 if nothing of it has left`() async throws {
        let bench = try await Bench { _, _ in
            Response(
                status: .ok,
                body: ResponseBody(contentLength: 100) { writer in
                    try await writer.write(ByteBuffer(string: "short"))
                    try await writer.finish(nil)
                })
        }
        try await bench.send(Records.get("/"))
        let answer = try await bench.answer()
        #expect(answer.status == 500)
        #expect(!answer.text.contains("short"))
    }

    @Test func `a response longer than announced is a 500 if nothing of it has left`() async throws {
        let bench = try await Bench { _, _ in
            Response(
                status: .ok,
                body: ResponseBody(contentLength: 5) { writer in
                    try await writer.write(ByteBuffer(string: "12345678"))
                    try await writer.finish(nil)
                })
        }
        try await bench.send(Records.get("/"))
        let answer = try await bench.answer()
        #expect(answer.status == 500)
        #expect(!answer.text.contains("12345"))
        #expect(answer.ends == 1)
    }

    @Test func `a response that grows longer than announced ends with what was announced`() async throws {
        let gate = Gate()
        let bench = try await Bench { _, _ in
            Response(
                status: .ok,
                body: ResponseBody(contentLength: 5) { writer in
                    try await writer.write(ByteBuffer(string: "123"))
                    await gate.pass()
                    try await writer.write(ByteBuffer(string: "45678"))
                    try await writer.finish(nil)
                })
        }
        try await bench.send(Records.get("/"))
        await gate.arrival()
        gate.open()
        let answer = try await bench.answer()
        #expect(answer.status == 200)
        #expect(answer.body == "12345")
        #expect(answer.ends == 1)
        #expect(try await bench.on { $0.transport.closing } == nil)
    }

    @Test func `a handler that writes after the end changes nothing that was sent`() async throws {
        let written = Gate()
        let bench = try await Bench { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    var copy = writer
                    try await writer.write(ByteBuffer(string: "all"))
                    try await writer.finish(nil)
                    defer { written.open() }
                    try await copy.write(ByteBuffer(string: "more"))
                })
        }
        try await bench.send(Records.get("/"))
        await written.pass()
        let answer = try await bench.answer()
        #expect(answer.body == "all")
        #expect(answer.ends == 1)
    }

    @Test func `a handler that throws before anything of its response has left is a 500`() async throws {
        let bench = try await Bench { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "begun"))
                    throw Mishap()
                })
        }
        try await bench.send(Records.get("/"))
        let answer = try await bench.answer()
        #expect(answer.status == 500)
        #expect(!answer.text.contains("begun"))
        #expect(try await bench.on { $0.transport.closing } == nil)
    }

    @Test func `a handler that forgets to finish has finished`() async throws {
        let bench = try await Bench { _, _ in
            Response(status: .ok, body: ResponseBody { writer in try await writer.write(ByteBuffer(string: "all")) })
        }
        try await bench.send(Records.get("/"))
        let answer = try await bench.answer()
        #expect(answer.body == "all")
        #expect(answer.ends == 1)
    }

    @Test(arguments: [("HEAD", 200), ("GET", 204), ("GET", 304)])
    func `a response without a body has none, whatever the handler writes`(method: String, status: Int) async throws {
        let bench = try await Bench { _, _ in
            Response(status: .init(code: status), body: ResponseBody(byteBuffer: ByteBuffer(string: "body")))
        }
        try await bench.send(Records.head(method, "/") + Records.stdinEnd())
        let answer = try await bench.answer()
        #expect(answer.status == status)
        #expect(answer.bodyLength == 0)
        #expect(answer.text.contains("Content-Length: 4") == (status == 200))
    }

    @Test func `a path that nobody mounted is a 404`() async throws {
        #expect(MountTable([("/blog", ClosureHandler { _, _ in Bench.text("") })]).resolve("/blogger") == nil)
    }

    @Test(arguments: [
        ("/blog", "/blog", "/"), ("/blog/", "/blog", "/"), ("/blog/a?b", "/blog", "/a?b"), ("/blog?q", "/blog", "/?q"),
        ("/blog/admin/x", "/blog/admin", "/x"), ("/blogger", "", "/blogger"), ("/BLOG/a", "", "/BLOG/a"),
        ("/", "", "/"),
    ])
    func `the longest mount wins, and the module sees what follows it`(target: String, mount: String, rest: String)
        throws
    {
        let handler = ClosureHandler { _, _ in Bench.text("") }
        let table = MountTable([("/", handler), ("/blog/admin", handler), ("/blog", handler)])
        let found = try #require(table.resolve(target))
        #expect(found.mount.path == mount)
        #expect(found.target == rest)
    }
}
