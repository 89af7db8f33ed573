import CFastCGI
import GatehouseServer
import GatehouseWire
import HTTPTypes
import HummingbirdCore
import NIOCore
import Testing

struct RequestTests {
    @Test func `a small response leaves in one piece with its end`() async throws {
        let bench = try await Bench { _, _ in Bench.text("Hello\n") }
        try await bench.send(Records.get("/"))
        let answer = try await bench.answer()
        #expect(answer.status == 200)
        #expect(answer.body == "Hello\n")
        #expect(answer.ends == 1)
        #expect(try await bench.on { $0.transport.flushes.count } == 1)
    }

    @Test func `a connection that is kept serves one request after the other`() async throws {
        let bench = try await Bench { request, _ in Bench.text(request.uri.path) }
        for path in ["/a", "/b", "/c"] {
            try await bench.send(Records.get(path))
            #expect(try await bench.answer().body == path)
            _ = try await bench.on { $0.transport.takeSent() }
        }
        #expect(try await bench.on { $0.transport.closing } == nil)
    }

    @Test func `a connection that is not kept is closed after the response`() async throws {
        let bench = try await Bench { _, _ in Bench.text("x") }
        try await bench.send(Records.get("/", keeps: false))
        #expect(try await bench.answer().body == "x")
        #expect(try await bench.on { $0.transport.closing } == .lingering)
    }

    @Test(arguments: [
        ("nginx/1.22.1", RecordingTransport.Closing.afterFlush), ("Apache", .lingering), ("nginx", .lingering),
    ])
    func `one from nginx, which sends nothing behind the end, does not linger`(
        _ software: String, _ closing: RecordingTransport.Closing
    ) async throws {
        let bench = try await Bench { _, _ in Bench.text("x") }
        let head = Records.head("GET", "/", keeps: false, more: [("SERVER_SOFTWARE", software)])
        try await bench.send(head + Records.stdinEnd())
        #expect(try await bench.answer().body == "x")
        #expect(try await bench.on { $0.transport.closing } == closing)
    }

    @Test func `requests of one connection are answered each under its id`() async throws {
        let gate = Gate()
        let bench = try await Bench { request, _ in
            if request.uri.path == "/slow" { await gate.pass() }
            return Bench.text(request.uri.path)
        }
        try await bench.send(Records.get("/slow", 7) + Records.get("/fast", 300))
        #expect(try await bench.answers(until: 300)[300]?.body == "/fast")
        gate.open()
        #expect(try await bench.answers(until: 7)[7]?.body == "/slow")
    }

    @Test func `a body that has arrived is a buffer, however its records are cut`() async throws {
        let bench = try await Bench { request, _ in
            let body = try await request.body.collect(upTo: 100_000)
            return Bench.text("\(body.readableBytes)")
        }
        let body = [UInt8](repeating: 1, count: 70_000)
        try await bench.send(
            Records.head("POST", "/", more: [("CONTENT_LENGTH", "70000")]) + Records.stdin(body) + Records.stdinEnd())
        #expect(try await bench.answer().body == "70000")
    }

    @Test func `a body streams to the handler while it arrives`() async throws {
        let gate = Gate()
        let bench = try await Bench { request, _ in
            var count = 0
            for try await chunk in request.body {
                count += chunk.readableBytes
                if count == 5 { gate.open() }
            }
            return Bench.text("\(count)")
        }
        try await bench.send(
            Records.head("POST", "/", more: [("CONTENT_LENGTH", "10")]) + Records.stdin([1, 2, 3, 4, 5]))
        await gate.pass()
        try await bench.send(Records.stdin([6, 7, 8, 9, 10]) + Records.stdinEnd())
        #expect(try await bench.answer().body == "10")
    }

    // B3: the stream's end decides, and a claim that it contradicts is an error.
    @Test(arguments: ["4", "6"])
    func `a body of another length than announced is refused before the handler runs`(announced: String) async throws {
        let bench = try await Bench { _, _ in
            Issue.record("the handler ran")
            return Bench.text("")
        }
        try await bench.send(
            Records.head("POST", "/", more: [("CONTENT_LENGTH", announced)]) + Records.stdin([1, 2, 3, 4, 5])
                + Records.stdinEnd())
        #expect(try await bench.answer().status == 400)
        // The connection goes on.
        _ = try await bench.on { $0.transport.takeSent() }
        #expect(try await bench.on { $0.transport.closing } == nil)
    }

    @Test func `a streamed body that ends early is an error to the handler, not a short body`() async throws {
        let bench = try await Bench { request, _ in
            do {
                for try await _ in request.body {}
                return Bench.text("whole")
            } catch let error as BodyError {
                return Bench.text(error.code.rawValue)
            }
        }
        try await bench.send(Records.head("POST", "/", more: [("CONTENT_LENGTH", "10")]) + Records.stdin([1, 2, 3]))
        try await bench.send(Records.stdinEnd())
        #expect(try await bench.answer().body == BodyError.Code.shorterThanAnnounced.rawValue)
    }

    @Test func `where the client sent chunks the stream's end decides alone`() async throws {
        let bench = try await Bench { request, _ in
            Bench.text("\(try await request.body.collect(upTo: 100).readableBytes)")
        }
        try await bench.send(
            Records.head("POST", "/", more: [("CONTENT_LENGTH", "2"), ("HTTP_TRANSFER_ENCODING", "chunked")])
                + Records.stdin([1, 2, 3, 4, 5]) + Records.stdinEnd())
        #expect(try await bench.answer().body == "5")
    }

    // B1: each limit at N-1, N, N+1.
    @Test(arguments: [(999, 200), (1_000, 200), (1_001, 413)])
    func `a body over its limit is refused`(count: Int, status: Int) async throws {
        var limits = Limits()
        limits.bodyBytes = 1_000
        for announces in [true, false] {
            let bench = try await Bench(limits: limits) { request, _ in
                Bench.text("\(try await request.body.collect(upTo: 10_000).readableBytes)")
            }
            try await bench.send(
                Records.head("POST", "/", more: announces ? [("CONTENT_LENGTH", "\(count)")] : [])
                    + Records.stdin([UInt8](repeating: 0, count: count)) + Records.stdinEnd())
            #expect(try await bench.answer().status == status)
        }
    }

    @Test func `an early response does not wait for the body, and the rest of it is drained`() async throws {
        let bench = try await Bench { _, _ in Bench.text("early") }
        try await bench.send(
            Records.head("POST", "/", keeps: false, more: [("CONTENT_LENGTH", "100000")]) + Records.stdin([1, 2, 3]))
        #expect(try await bench.answer().body == "early")
        // Our side is closed, the other may still send: a close now could cost the front server the answer.
        #expect(try await bench.on { $0.transport.closing } == .outputAfterFlush)
        try await bench.send(Records.stdin([4, 5, 6]))
        #expect(try await bench.on { $0.transport.closing } == .outputAfterFlush)
    }

    @Test func `the next request after an early response on a kept connection is intact`() async throws {
        let bench = try await Bench { request, _ in Bench.text(request.uri.path) }
        try await bench.send(
            Records.head("POST", "/first", more: [("CONTENT_LENGTH", "6")]) + Records.stdin([1, 2, 3]))
        #expect(try await bench.answer().body == "/first")
        _ = try await bench.on { $0.transport.takeSent() }
        try await bench.send(Records.stdin([4, 5, 6]) + Records.stdinEnd() + Records.get("/second"))
        #expect(try await bench.answer().body == "/second")
    }

    @Test func `a module of each execution answers the same`() async throws {
        for execution in [HandlerExecution.eventLoop, .concurrent, .blocking] {
            let bench = try await Bench(execution: execution) { request, _ in
                let body = try await request.body.collect(upTo: 1_000_000)
                return Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        try await writer.write(body)
                        try await writer.write(body)
                        try await writer.finish(nil)
                    })
            }
            let body = [UInt8](repeating: 7, count: 100_000)
            try await bench.send(Records.head("POST", "/") + Records.stdin(body))
            try await bench.send(Records.stdinEnd())
            #expect(try await bench.answer().bodyLength == 200_000)
        }
    }

    @Test func `work left for after the response runs when the client has gone`() async throws {
        let gate = Gate()
        let done = Gate()
        let bench = try await Bench { _, gateway in
            gateway.afterResponse {
                await gate.pass()
                if !Task.isCancelled { done.open() }
            }
            return Bench.text("x")
        }
        try await bench.send(Records.get("/", keeps: false))
        _ = try await bench.answer()
        try await bench.on { $0.engine.closed() }
        gate.open()
        await done.pass()
    }

    @Test func `a filter gets its body and its file`() async throws {
        let bench = try await Bench { request, gateway in
            let body = try await request.body.collect(upTo: 100)
            let data = try await gateway.filterData.collect(upTo: 100)
            return Bench.text("\(gateway.role) \(body.readableBytes) \(data.readableBytes)")
        }
        try await bench.send(
            Records.begin(role: FCGI_FILTER) + Records.parameters([("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/")])
                + Records.stdin([1, 2]) + Records.stdinEnd() + Records.record(FCGI_DATA, 1, [3, 4, 5]))
        try await bench.send(Records.record(FCGI_DATA))
        #expect(try await bench.answer().body == "filter 2 3")
    }

    @Test func `an authorizer starts without a body`() async throws {
        let bench = try await Bench { _, gateway in Bench.text("\(gateway.role)") }
        try await bench.send(
            Records.begin(role: FCGI_AUTHORIZER)
                + Records.parameters([("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/")]))
        #expect(try await bench.answer().body == "authorizer")
    }
}
