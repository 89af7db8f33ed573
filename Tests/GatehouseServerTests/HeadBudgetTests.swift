import CFastCGI
import GatehouseServer
import GatehouseWire
import HTTPTypes
import HummingbirdCore
import NIOCore
import Testing

/// Unfinished parameters have a budget for all connections of a worker together.
struct HeadBudgetTests {
    /// Makes further connections of the same loop, each with a request of so many bytes of unfinished parameters.
    private func begin(_ sizes: [Int], on bench: Bench) async throws -> [RecordingTransport] {
        try await bench.on { bench in
            sizes.map { size in
                let transport = RecordingTransport()
                let engine = ConnectionEngine(
                    loop: bench.loop, wire: FastCGIConnection(limits: bench.loop.limits), transport: transport)
                engine.opened()
                engine.received(
                    ByteBuffer(
                        bytes: Records.begin() + Records.record(FCGI_PARAMS, 1, [UInt8](repeating: 0, count: size))))
                return transport
            }
        }
    }

    private func bench() async throws -> Bench {
        var limits = Limits()
        limits.headBytesPerWorker = 10_000
        return try await Bench(limits: limits) { _, _ in Bench.text("well") }
    }

    @Test(arguments: -1...1)
    func `over it the connections that have most are closed, and nobody else`(_ over: Int) async throws {
        let bench = try await bench()
        let peers = try await begin([1_000, 7_000, 2_000 + over], on: bench)
        let closed = try await bench.on { _ in peers.map { $0.closing != nil } }
        #expect(closed == [false, over > 0, false])
        #expect(try await bench.on { $0.loop.unfinishedHeadBytes } == (over > 0 ? 3_001 : 10_000 + over))
        try await bench.send(Records.get("/"))
        #expect(try await bench.answer().status == 200)
    }

    @Test func `small ones are closed too where there are very many, until there is room again`() async throws {
        let bench = try await bench()
        let peers = try await begin([Int](repeating: 100, count: 101), on: bench)
        #expect(try await bench.on { _ in peers.count { $0.closing != nil } } == 14)
        #expect(try await bench.on { $0.loop.unfinishedHeadBytes } == 8_700)
    }

    @Test func `one whose answer is under way gives its room at once, and looks broken off`() async throws {
        let gate = Gate()
        var limits = Limits()
        limits.headBytesPerWorker = 10_000
        let bench = try await Bench(limits: limits) { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "begun"))
                    await gate.pass()
                    try await writer.finish(nil)
                })
        }
        try await bench.send(Records.get("/"))
        await gate.arrival()
        try await bench.send(
            Records.begin(2) + Records.record(FCGI_PARAMS, 2, [UInt8](repeating: 0, count: 8_000)))
        let others = try await begin([1_000, 1_500], on: bench)
        #expect(try await bench.on { _ in others.map { $0.closing != nil } } == [false, false])
        #expect(try await bench.on { $0.transport.sent.suffix(8) } == [0, 0, 0, 0, 0, 0, 0, 0])
        #expect(try await bench.on { $0.transport.closing } == .atOnce)
        #expect(try await bench.on { $0.loop.unfinishedHeadBytes } == 2_500)
        gate.open()
    }

    @Test func `what ends, and what is closed, is given back`() async throws {
        let bench = try await bench()
        try await bench.send(Records.begin() + Records.record(FCGI_PARAMS, 1, [1, 1, 65]))
        #expect(try await bench.on { $0.loop.unfinishedHeadBytes } == 3)
        try await bench.send(Records.record(FCGI_PARAMS, 1, [66]) + Records.record(FCGI_PARAMS, 1))
        #expect(try await bench.on { $0.loop.unfinishedHeadBytes } == 0)
        try await bench.send(Records.begin(2) + Records.record(FCGI_PARAMS, 2, [1, 1, 65]))
        try await bench.on { $0.engine.closed() }
        #expect(try await bench.on { $0.loop.unfinishedHeadBytes } == 0)
    }
}
