import GatehouseServer
import GatehouseWire
import HTTPTypes
import HummingbirdCore
import NIOCore
import Testing

/// An answer that breaks off never looks whole: its end is the record that no application may send.
struct BreakingOffTests {
    private struct Mishap: Error {}

    private static let second: Int64 = 1_000_000_000

    /// A bench whose handler has sent the head and five bytes, waits at the gate, and then does `rest`.
    private static func begun(
        _ gate: Gate, contentLength: Int? = nil, limits: Limits = Limits(), rest: @escaping @Sendable () throws -> Void
    ) async throws -> Bench {
        try await Bench(limits: limits) { request, _ in
            if request.uri.path == "/other" {
                return Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        try await Task.sleep(for: .seconds(3_600))
                        try await writer.finish(nil)
                    })
            }
            return Response(
                status: .ok,
                body: ResponseBody(contentLength: contentLength) { writer in
                    try await writer.write(ByteBuffer(string: "begun"))
                    await gate.pass()
                    try rest()
                    try await writer.finish(nil)
                })
        }
    }

    /// The same, with one request that has come to the gate.
    private static func waiting(
        at gate: Gate, contentLength: Int? = nil, rest: @escaping @Sendable () throws -> Void
    ) async throws -> Bench {
        let bench = try await begun(gate, contentLength: contentLength, rest: rest)
        try await bench.send(Records.get("/"))
        await gate.arrival()
        return bench
    }

    /// Waits until our side has ended, and checks how: whole records, no end of a request, then eight zero bytes.
    private static func expectCut(
        _ bench: Bench, by how: RecordingTransport.Closing = .outputAfterFlush,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await bench.when { $0.closing != nil }
        let (sent, closing) = try await bench.on { ($0.transport.sent, $0.transport.closing) }
        #expect(closing == how, sourceLocation: sourceLocation)
        #expect(sent.suffix(8) == [0, 0, 0, 0, 0, 0, 0, 0], sourceLocation: sourceLocation)
        let answer = try #require(Answer.parse(sent.dropLast(8))?[1], sourceLocation: sourceLocation)
        #expect(answer.body == "begun", sourceLocation: sourceLocation)
        #expect(answer.ends == 0, sourceLocation: sourceLocation)
    }

    @Test(arguments: [nil, 100]) func `by a throw`(contentLength: Int?) async throws {
        let gate = Gate()
        let bench = try await Self.waiting(at: gate, contentLength: contentLength) { throw Mishap() }
        gate.open()
        try await Self.expectCut(bench)
    }

    @Test func `by too few bytes`() async throws {
        let gate = Gate()
        let bench = try await Self.waiting(at: gate, contentLength: 100) {}
        gate.open()
        try await Self.expectCut(bench)
    }

    @Test func `by the deadline of the request`() async throws {
        let gate = Gate()
        let bench = try await Self.waiting(at: gate) {}
        try await bench.tick(after: Limits().requestTime + Self.second)
        try await Self.expectCut(bench)
        gate.open()
    }

    @Test func `by a front server that takes nothing`() async throws {
        let gate = Gate()
        let bench = try await Self.waiting(at: gate) {}
        try await bench.on { $0.transport.queuedBytes = 5 }
        try await bench.tick(after: Self.second)
        try await bench.tick(after: Limits().writeIdleTime + 2 * Self.second)
        try await Self.expectCut(bench)
        gate.open()
    }

    @Test func `by the end of its worker`() async throws {
        let gate = Gate()
        let bench = try await Self.waiting(at: gate) {}
        try await bench.on { $0.engine.abandon() }
        try await Self.expectCut(bench, by: .atOnce)
        gate.open()
    }

    @Test func `by the end of its worker, which waits for what its front server has not taken`() async throws {
        let gate = Gate()
        let bench = try await Self.waiting(at: gate) {}
        try await bench.on { bench in
            bench.transport.queuedBytes = 5
            bench.engine.abandon()
        }
        try await Self.expectCut(bench)
        #expect(try await bench.on { $0.engine.owesOutput })
        gate.open()
    }

    @Test func `by a violation of the protocol`() async throws {
        let gate = Gate()
        let bench = try await Self.waiting(at: gate) {}
        try await bench.send([9, 9, 9, 9, 9, 9, 9, 9])
        try await Self.expectCut(bench)
        gate.open()
    }

    // Marked answers are those that the process's end would break off, see gatehouse_break_answers.
    @Test func `an answer is marked from its first flush to its end`() async throws {
        let gate = Gate()
        let bench = try await Self.begun(gate) {}
        try await bench.send(Records.get("/"))
        try await bench.when { !$0.sent.isEmpty }
        #expect(try await bench.on { $0.transport.marks } == [true])
        gate.open()
        _ = try await bench.answer()
        try await bench.on { _ in }
        #expect(try await bench.on { $0.transport.marks } == [true, false])
    }

    @Test func `an answer that leaves with its end is never marked`() async throws {
        let bench = try await Bench { _, _ in Bench.text("all") }
        try await bench.send(Records.get("/"))
        _ = try await bench.answer()
        #expect(try await bench.on { $0.transport.marks } == [])
    }

    @Test func `what was not begun ends without a record, so that it can be tried elsewhere`() async throws {
        let gate = Gate()
        let bench = try await Bench { _, _ in
            await gate.pass()
            return Bench.text("late")
        }
        try await bench.send(Records.get("/"))
        await gate.arrival()
        try await bench.on { $0.engine.abandon() }
        #expect(try await bench.on { $0.transport.closing } == .atOnce)
        #expect(try await bench.on { $0.transport.sent } == [])
        gate.open()
    }

    // Only a whole connection can be broken off.
    @Test func `other requests on its connection get a moment to end`() async throws {
        let gate = Gate()
        let bench = try await Self.waiting(at: gate) { throw Mishap() }
        try await bench.send(Records.get("/other", 2))
        gate.open()
        await bench.loop.whenHandlers(are: 1)
        #expect(try await bench.on { $0.transport.closing } == nil)
        #expect(try await bench.on { Answer.parse($0.transport.sent)?[1]?.ends } == 0)
        try await bench.send(Records.abort(2))
        try await Self.expectCut(bench)
    }

    @Test func `other requests that do not end go with it`() async throws {
        let gate = Gate()
        let bench = try await Self.waiting(at: gate) { throw Mishap() }
        try await bench.send(Records.get("/other", 2))
        gate.open()
        await bench.loop.whenHandlers(are: 1)
        try await bench.tick(after: Limits().brokenAnswerTime + Self.second)
        try await Self.expectCut(bench)
    }

    @Test func `a front server that gives it up meanwhile keeps the connection`() async throws {
        let gate = Gate()
        let bench = try await Self.waiting(at: gate) { throw Mishap() }
        try await bench.send(Records.get("/other", 2))
        gate.open()
        await bench.loop.whenHandlers(are: 1)
        try await bench.send(Records.abort(1))
        try await bench.tick(after: Limits().brokenAnswerTime + Self.second)
        #expect(try await bench.on { $0.transport.closing } == nil)
        #expect(try await bench.answer(1).ends == 1)
    }

    @Test func `an answer that is given up while its handler runs ends after the handler, and once`() async throws {
        let gate = Gate()
        let bench = try await Self.begun(gate) {}
        try await bench.send(Records.head("POST", "/", more: [("CONTENT_LENGTH", "5")]) + Records.get("/other", 2))
        try await bench.when { !$0.sent.isEmpty }
        // A body longer than announced fails the request at once, while its handler waits at the gate.
        try await bench.send(Records.stdin([0, 1, 2, 3, 4, 5]))
        try await bench.tick(after: Self.second)
        #expect(try await bench.on { $0.engine.requestCount } == 2)
        try await bench.send(Records.abort() + Records.abort())
        try await bench.tick(after: Limits().brokenAnswerTime + Self.second)
        #expect(try await bench.on { Answer.parse($0.transport.sent)?[1]?.ends } == 0)
        #expect(try await bench.on { $0.transport.closing } == nil)
        gate.open()
        #expect(try await bench.answer().ends == 1)
        #expect(try await bench.on { $0.engine.requestCount } == 1)
        try await bench.send(Records.abort(2))
        #expect(try await bench.answer(2).ends == 1)
        await bench.loop.whenNoHandlerRuns()
        #expect(try await bench.on { Answer.parse($0.transport.sent)?[1]?.ends } == 1)
    }
}
