import GatehouseServer
import GatehouseWire
import HTTPTypes
import HummingbirdCore
import NIOCore
import Testing

/// B5: every phase has an end. The clock is an argument, so no test waits for one.
struct DeadlineTests {
    private static let second: Int64 = 1_000_000_000

    @Test func `parameters that do not end close the connection`() async throws {
        let bench = try await Bench { _, _ in Bench.text("") }
        try await bench.send(Records.begin())
        try await bench.tick(after: Limits().headTime - Self.second)
        #expect(try await bench.on { $0.transport.closing } == nil)
        try await bench.tick(after: Limits().headTime + Self.second)
        #expect(try await bench.on { $0.transport.closing } == .atOnce)
    }

    @Test func `a connection without a request has no deadline`() async throws {
        let bench = try await Bench { _, _ in Bench.text("") }
        try await bench.tick(after: 1_000_000 * Self.second)
        try await bench.send(Records.get("/"))
        _ = try await bench.answer()
        try await bench.tick(after: 1_000_000 * Self.second)
        #expect(try await bench.on { $0.transport.closing } == nil)
    }

    @Test(.timeLimit(.minutes(1)))
    func `an answer that a tick has made is watched like any other`() async throws {
        var limits = Limits()
        limits.requestTime = Self.second / 5
        limits.writeIdleTime = Self.second / 5
        let bench = try await Bench(limits: limits, ticks: true) { _, _ in
            try await Task.sleep(for: .seconds(3_600))
            return Bench.text("")
        }
        // The kernel takes no byte of it.
        try await bench.on { bench in
            let transport = bench.transport
            transport.when({ !$0.sent.isEmpty }, then: { transport.queuedBytes = 100 })
        }
        try await bench.send(Records.get("/"))
        #expect(try await bench.answer().status == 504)
        try await bench.when { $0.closing != nil }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a peer has its time to take an answer, however long nothing was written before`() async throws {
        var limits = Limits()
        limits.writeIdleTime = Self.second
        let bench = try await Bench(limits: limits, ticks: true) { _, _ in Bench.text("") }
        try await bench.send(Records.get("/"))
        _ = try await bench.answer()
        try await Task.sleep(for: .seconds(2))
        try await bench.on { $0.transport.queuedBytes = 100 }
        let asked = ContinuousClock.now
        try await bench.send(Records.get("/"))
        try await bench.when { $0.closing != nil }
        #expect(ContinuousClock.now - asked >= .seconds(1))
    }

    @Test func `a body that stops arriving is a 408, and the handler is cancelled`() async throws {
        let cancelled = Gate()
        let bench = try await Bench { request, _ in
            do {
                for try await _ in request.body {}
            } catch {
                cancelled.open()
                throw error
            }
            return Bench.text("")
        }
        try await bench.send(Records.head("POST", "/") + Records.stdin([1]))
        try await bench.tick(after: Limits().bodyIdleTime + Self.second)
        #expect(try await bench.answer().status == 408)
        await cancelled.pass()
    }

    @Test func `a body that we do not read is not late`() async throws {
        let gate = Gate()
        let bench = try await Bench { request, _ in
            await gate.pass()
            for try await _ in request.body {}
            return Bench.text("read")
        }
        try await bench.send(Records.head("POST", "/") + Records.stdin([UInt8](repeating: 1, count: 300_000)))
        #expect(try await bench.on { $0.transport.isReadingPaused })
        try await bench.tick(after: Limits().bodyIdleTime + Self.second)
        gate.open()
        try await bench.when { !$0.isReadingPaused }
        try await bench.send(Records.stdinEnd())
        #expect(try await bench.answer().body == "read")
    }

    @Test func `a request that takes too long is a 504 where no head is out`() async throws {
        let cancelled = Gate()
        let bench = try await Bench { _, _ in
            do { try await Task.sleep(for: .seconds(1_000)) } catch { cancelled.open() }
            return Bench.text("too late")
        }
        try await bench.send(Records.get("/"))
        try await bench.tick(after: Limits().requestTime + Self.second)
        let answer = try await bench.answer()
        #expect(answer.status == 504)
        #expect(answer.ends == 1)
        await cancelled.pass()
        try await bench.on { $0.engine.closed() }
        await bench.loop.whenQuiet()
        #expect(try await bench.answer().ends == 1)
    }

    @Test func `a peer that takes nothing of a response is closed`() async throws {
        let bench = try await Bench { _, _ in Bench.text("x") }
        try await bench.send(Records.get("/"))
        try await bench.on { $0.transport.queuedBytes = 100 }
        try await bench.tick(after: 0)
        try await bench.tick(after: Limits().writeIdleTime - Self.second)
        #expect(try await bench.on { $0.transport.closing } == nil)
        try await bench.tick(after: Limits().writeIdleTime + Self.second)
        #expect(try await bench.on { $0.transport.closing } == .atOnce)
    }

    @Test func `a peer that takes something now and then is not closed`() async throws {
        let bench = try await Bench { _, _ in Bench.text("x") }
        try await bench.send(Records.get("/"))
        for step in 1...5 {
            try await bench.on { bench in
                bench.transport.queuedBytes = 100
                bench.transport.sentBytes = step
            }
            try await bench.tick(after: Int64(step) * (Limits().writeIdleTime - Self.second))
        }
        #expect(try await bench.on { $0.transport.closing } == nil)
    }

    @Test func `a limit of nought is none`() async throws {
        var limits = Limits()
        limits.requestTime = 0
        let gate = Gate()
        let bench = try await Bench(limits: limits) { _, _ in
            await gate.pass()
            return Bench.text("at last")
        }
        try await bench.send(Records.get("/"))
        try await bench.tick(after: 1_000_000 * Self.second)
        gate.open()
        #expect(try await bench.answer().body == "at last")
    }

    @Test func `draining answers what is there, closes after it, and leaves idle connections until the end`()
        async throws
    {
        let gate = Gate()
        let bench = try await Bench { _, _ in
            await gate.pass()
            return Bench.text("x")
        }
        try await bench.send(Records.get("/"))
        try await bench.on { $0.loop.drain() }
        #expect(try await bench.on { $0.transport.closing } == nil)
        gate.open()
        #expect(try await bench.answer().body == "x")
        try await bench.when { $0.closing != nil }
        #expect(try await bench.on { $0.transport.closing } == .outputAfterFlush)
    }
}
