import GatehouseServer
import GatehouseWire
import HTTPTypes
import HummingbirdCore
import NIOCore
import Testing

/// B4: an abort in every state ends with exactly one END_REQUEST, and the connection goes on.
struct AbortTests {
    private func goesOn(_ bench: Bench) async throws {
        _ = try await bench.on { $0.transport.takeSent() }
        try await bench.send(Records.get("/next"))
        #expect(try await bench.answer().body == "/next")
        #expect(try await bench.on { $0.engine.requestCount } == 0)
    }

    @Test func `before the parameters' end`() async throws {
        let bench = try await Bench { request, _ in Bench.text(request.uri.path) }
        try await bench.send(Records.begin() + Records.abort())
        #expect(try await bench.answer().ends == 1)
        try await goesOn(bench)
    }

    @Test func `while the body arrives`() async throws {
        let bench = try await Bench { request, _ in
            for try await _ in request.body {}
            return Bench.text(request.uri.path)
        }
        try await bench.send(Records.head("POST", "/") + Records.stdin([1]))
        try await bench.send(Records.abort())
        let answer = try await bench.answer()
        #expect(answer.ends == 1)
        #expect(answer.output.isEmpty)
        try await goesOn(bench)
    }

    @Test func `while the handler waits: it and its child tasks are cancelled`() async throws {
        let cancelled = Gate()
        let arrived = Gate()
        let bench = try await Bench { request, _ in
            guard request.uri.path == "/wait" else { return Bench.text(request.uri.path) }
            arrived.open()
            async let child: Void = {
                do { try await Task.sleep(for: .seconds(1_000)) } catch { cancelled.open() }
            }()
            await child
            try Task.checkCancellation()
            return Bench.text("never")
        }
        try await bench.send(Records.get("/wait"))
        await arrived.pass()
        try await bench.send(Records.abort())
        await cancelled.pass()
        let answer = try await bench.answer()
        #expect(answer.ends == 1)
        #expect(answer.output.isEmpty)
        try await goesOn(bench)
    }

    @Test func `while the response streams`() async throws {
        let gate = Gate()
        let bench = try await Bench { request, _ in
            guard request.uri.path == "/stream" else { return Bench.text(request.uri.path) }
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "one"))
                    await gate.pass()
                    try await writer.write(ByteBuffer(string: "two"))
                    try await writer.finish(nil)
                })
        }
        try await bench.send(Records.get("/stream"))
        await gate.arrival()
        try await bench.when { !$0.sent.isEmpty }
        try await bench.send(Records.abort())
        gate.open()
        let answer = try await bench.answer()
        #expect(answer.ends == 1)
        #expect(answer.body == "one")
        try await goesOn(bench)
    }

    @Test func `of a request that has been answered changes nothing`() async throws {
        let bench = try await Bench { request, _ in Bench.text(request.uri.path) }
        try await bench.send(Records.get("/one"))
        _ = try await bench.answer()
        try await bench.send(Records.abort())
        #expect(try await bench.answer().ends == 1)
        try await goesOn(bench)
    }

    @Test func `a handler that ignores its cancellation keeps its request's place`() async throws {
        var limits = Limits()
        limits.concurrentRequests = 2
        let gate = Gate()
        let bench = try await Bench(limits: limits) { request, _ in
            if request.uri.path == "/stubborn" { await gate.pass() }
            return Bench.text(request.uri.path)
        }
        try await bench.send(
            Records.get("/stubborn", 1) + Records.abort(1) + Records.get("/stubborn", 2) + Records.abort(2))
        // Both places are taken: a peer cannot start handlers faster than they end.
        try await bench.send(Records.get("/three", 3))
        #expect(try await bench.answers(until: 3)[3]?.status == 503)
        gate.open()
        #expect(try await bench.answers(until: 1)[1]?.ends == 1)
        #expect(try await bench.answers(until: 2)[2]?.ends == 1)
        try await bench.send(Records.get("/four", 4))
        #expect(try await bench.answers(until: 4)[4]?.body == "/four")
    }

    @Test func `the connection's end cancels every handler`() async throws {
        let one = Gate()
        let two = Gate()
        let bench = try await Bench { request, _ in
            do {
                try await Task.sleep(for: .seconds(1_000))
            } catch {
                (request.uri.path == "/one" ? one : two).open()
            }
            return Bench.text("never")
        }
        try await bench.send(Records.get("/one", 1) + Records.get("/two", 2))
        try await bench.on { $0.engine.closed() }
        await one.pass()
        await two.pass()
        await bench.loop.whenQuiet()
        #expect(try await bench.on { $0.transport.sent.isEmpty })
    }
}
