import CFastCGI
import GatehouseServer
import GatehouseWire
import HTTPTypes
import HummingbirdCore
import Synchronization
import NIOCore
import Testing

/// Requests leave nothing behind: no handler that waits for ever, no budget that is not given back, no lost byte.
struct OrphanedHandlerTests {
    private static let second: Int64 = 1_000_000_000

    @Test func `a large response leaves in its own time after the last request`() async throws {
        let bench = try await Bench { _, _ in
            Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(repeating: 1, count: 1_000_000)))
        }
        try await bench.send(Records.get("/", keeps: false))
        for step in 1...5 {
            try await bench.on { bench in
                bench.transport.queuedBytes = 100_000
                bench.transport.sentBytes = step
            }
            try await bench.tick(after: Int64(step) * (Limits().lingerTime + Self.second))
        }
        #expect(try await bench.on { $0.transport.closing } == .lingering)
        // From the moment when all has left, the peer has a while to close.
        try await bench.on { $0.transport.queuedBytes = 0 }
        try await bench.tick(after: 5 * (Limits().lingerTime + Self.second) + Limits().lateRecordTime - Self.second)
        #expect(try await bench.on { $0.transport.closing } == .lingering)
        try await bench.tick(after: 7 * (Limits().lingerTime + Self.second))
        #expect(try await bench.on { $0.transport.closing } == .atOnce)
    }

    @Test func `a peer that takes no answers is not asked for more requests`() async throws {
        let bench = try await Bench { _, _ in Response(status: .noContent) }
        try await bench.on { $0.transport.isWritable = false }
        try await bench.send(Records.get("/"))
        #expect(try await bench.on { $0.transport.isReadingPaused })
        try await bench.on { bench in
            bench.transport.isWritable = true
            bench.engine.writabilityChanged()
        }
        #expect(try await bench.on { !$0.transport.isReadingPaused })
    }

    @Test func `a body that is too large before its handler starts never starts it`() async throws {
        var limits = Limits()
        limits.bodyBytes = 1_000
        let bench = try await Bench(limits: limits) { _, _ in
            Issue.record("the handler ran")
            return Bench.text("")
        }
        try await bench.send(Records.head("POST", "/") + Records.stdin([UInt8](repeating: 0, count: 2_000)))
        #expect(try await bench.answer().status == 413)
        await bench.loop.whenNoHandlerRuns()
    }

    @Test(
        arguments: [FCGI_RESPONDER, FCGI_FILTER],
        [Records.stdin([1]) + Records.stdinEnd() + Records.record(FCGI_DATA), Records.abort(), nil])
    func `nothing holds a request whose body streamed when it is over`(role: Int32, end: [UInt8]?) async throws {
        let arrived = Gate()
        let seen = Mutex(WeakReference())
        let bench = try await Bench { request, gateway in
            seen.withLock { $0.object = gateway }
            arrived.open()
            for try await _ in request.body {}
            for try await _ in gateway.filterData {}
            return Bench.text("read")
        }
        let variables = [("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/")]
        try await bench.send(Records.begin(role: role) + Records.parameters(variables))
        await arrived.pass()
        #expect(seen.withLock { $0.object } != nil)
        if let end {
            try await bench.send(end)
            _ = try await bench.answer()
        } else {
            try await bench.on { $0.engine.closed() }
        }
        await bench.loop.whenNoHandlerRuns()
        #expect(try await bench.on { _ in seen.withLock { $0.object } } == nil)
    }

    private struct WeakReference: @unchecked Sendable {
        weak var object: GatewayRequest?
    }

    @Test func `a handler that reads on after its answer is told that nothing comes`() async throws {
        let told = Gate()
        let bench = try await Bench { request, _ in
            let body = request.body
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "early"))
                    try await writer.finish(nil)
                    do { for try await _ in body {} } catch { told.open() }
                })
        }
        try await bench.send(Records.head("POST", "/", more: [("CONTENT_LENGTH", "100")]) + Records.stdin([1]))
        await told.pass()
        #expect(try await bench.answer().body == "early")
        await bench.loop.whenNoHandlerRuns()
    }

    @Test func `a response goes on where the rest of the body never comes`() async throws {
        let gate = Gate()
        let bench = try await Bench { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "one"))
                    await gate.pass()
                    try await writer.write(ByteBuffer(string: "two"))
                    try await writer.finish(nil)
                })
        }
        try await bench.send(Records.head("POST", "/", more: [("CONTENT_LENGTH", "100")]) + Records.stdin([1]))
        try await bench.when { !$0.sent.isEmpty }
        try await bench.tick(after: Limits().bodyIdleTime + Self.second)
        gate.open()
        #expect(try await bench.answer().body == "onetwo")
    }

    @Test func `a connection does not end under a request whose parameters are still arriving`() async throws {
        let bench = try await Bench { request, _ in Bench.text(request.uri.path) }
        let head = Records.head("GET", "/two", 2, keeps: false)
        try await bench.send(Records.get("/one", 1) + head.prefix(30))
        #expect(try await bench.answers(until: 1)[1]?.body == "/one")
        #expect(try await bench.on { $0.transport.closing } == nil)
        try await bench.send(head.dropFirst(30) + Records.stdinEnd(2))
        #expect(try await bench.answers(until: 2)[2]?.body == "/two")
        #expect(try await bench.on { $0.transport.closing } == .lingering)
    }

    @Test func `an aborted request gives its budget back at once`() async throws {
        let gate = Gate()
        let bench = try await Bench { request, _ in
            if request.uri.path == "/stubborn" { await gate.pass() }
            for try await _ in request.body {}
            return Bench.text(request.uri.path)
        }
        try await bench.send(Records.head("POST", "/stubborn", 1) + Records.head("POST", "/other", 2))
        try await bench.send(Records.stdin([UInt8](repeating: 1, count: 300_000), 1) + Records.abort(1))
        #expect(try await bench.on { !$0.transport.isReadingPaused })
        try await bench.send(Records.stdinEnd(2))
        #expect(try await bench.answers(until: 2)[2]?.body == "/other")
        gate.open()
        #expect(try await bench.answers(until: 1)[1]?.ends == 1)
    }

    @Test func `handlers that sleep on a loop wake in their order`() async throws {
        let order = Counter()
        let bench = try await Bench { request, _ in
            let milliseconds = request.uri.path == "/long" ? 60 : 5
            try await Task.sleep(for: .milliseconds(milliseconds))
            order.add(request.uri.path == "/long" ? 10 * order.value : 1)
            return Bench.text("\(order.value)")
        }
        try await bench.send(Records.get("/long", 1) + Records.get("/short", 2))
        #expect(try await bench.answers(until: 2)[2]?.body == "1")
        #expect(try await bench.answers(until: 1)[1]?.body == "11")
    }
}
