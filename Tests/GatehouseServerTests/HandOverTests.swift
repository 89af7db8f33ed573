import CFastCGI
import GatehouseServer
import Glibc
import Testing

/// Connections go to another worker between two requests, and never in the midst of one.
struct HandOverTests {
    /// A hand-over socket whose other end is never read: connections stay in its queue.
    private final class UnreadHandOver: Sendable {
        let socket: HandOverSocket
        private let ends: [Int32]

        init() throws {
            var ends: [Int32] = [-1, -1]
            try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
            self.ends = ends
            socket = HandOverSocket(descriptor: ends[0])
        }

        deinit { for end in ends { close(end) } }
    }

    private func drain(_ bench: Bench, to handOver: UnreadHandOver) async throws {
        try await bench.on { $0.loop.drain(handingOverTo: handOver.socket) }
    }

    private func handOvers(_ bench: Bench) async throws -> Int {
        try await bench.on { $0.transport.handOvers }
    }

    @Test func aFreshConnectionIsHandedOverAtOnce() async throws {
        let bench = try await Bench { _, _ in Bench.text("hello") }
        let handOver = try UnreadHandOver()
        try await drain(bench, to: handOver)
        #expect(try await handOvers(bench) == 1)
        #expect(try await bench.on { $0.transport.closing } == nil, "closing is the transport's own business")
    }

    @Test func anAnsweredConnectionIsHandedOver() async throws {
        let bench = try await Bench { _, _ in Bench.text("hello") }
        try await bench.send(Records.get("/"))
        _ = try await bench.answer()
        let handOver = try UnreadHandOver()
        try await drain(bench, to: handOver)
        #expect(try await handOvers(bench) == 1)
    }

    @Test(arguments: [1, 8, 16, 40]) func aConnectionWithinARequestStays(bytes: Int) async throws {
        let bench = try await Bench { _, _ in Bench.text("hello") }
        let request = Records.get("/")
        try await bench.send(Array(request.prefix(bytes)))
        let handOver = try UnreadHandOver()
        try await drain(bench, to: handOver)
        #expect(try await handOvers(bench) == 0)
        try await bench.send(Array(request.dropFirst(bytes)))
        #expect(try await bench.answer().body == "hello")
        try await bench.when { $0.handOvers == 1 }
    }

    @Test func aBusyConnectionIsHandedOverWhenItHasAnswered() async throws {
        let gate = Gate()
        let bench = try await Bench { _, _ in
            await gate.pass()
            return Bench.text("hello")
        }
        try await bench.send(Records.get("/"))
        await gate.arrival()
        let handOver = try UnreadHandOver()
        try await drain(bench, to: handOver)
        #expect(try await handOvers(bench) == 0)
        gate.open()
        #expect(try await bench.answer().body == "hello")
        try await bench.when { $0.handOvers == 1 }
    }

    @Test func aConnectionThatIsNotKeptIsClosed() async throws {
        let gate = Gate()
        let bench = try await Bench { _, _ in
            await gate.pass()
            return Bench.text("hello")
        }
        try await bench.send(Records.get("/", keeps: false))
        await gate.arrival()
        let handOver = try UnreadHandOver()
        try await drain(bench, to: handOver)
        gate.open()
        try await bench.when { $0.closing == .lingering }
        #expect(try await handOvers(bench) == 0)
    }

    @Test func anAbortedHandlerThatGoesOnKeepsItsConnection() async throws {
        let gate = Gate()
        let bench = try await Bench { _, _ in
            await gate.pass()
            return Bench.text("hello")
        }
        try await bench.send(Records.get("/"))
        await gate.arrival()
        try await bench.send(Records.abort())
        let handOver = try UnreadHandOver()
        try await drain(bench, to: handOver)
        #expect(try await handOvers(bench) == 0)
        gate.open()
        try await bench.when { $0.handOvers == 1 }
    }

    @Test func whatCannotBeSentStaysAndIsAnswered() async throws {
        let bench = try await Bench { _, _ in Bench.text("hello") }
        try await bench.on { $0.transport.refusesHandOver = true }
        let handOver = try UnreadHandOver()
        try await drain(bench, to: handOver)
        try await bench.send(Records.get("/"))
        #expect(try await bench.answer().body == "hello")
        #expect(try await handOvers(bench) == 0)
        #expect(try await bench.on { $0.transport.closing } == nil, "it is tried again with the next tick")
    }

    @Test func withoutATakerItIsAnsweredOnceMoreAndClosed() async throws {
        let bench = try await Bench { _, _ in Bench.text("hello") }
        try await bench.on { $0.loop.drain(handingOverTo: nil) }
        try await bench.send(Records.get("/"))
        #expect(try await bench.answer().body == "hello")
        try await bench.when { $0.closing == .outputAfterFlush }
    }
}
