@testable import GatehouseServer
import GatehouseWire
import Logging
import Testing

/// A server's request to itself.
struct ProbeTests {
    private func server(loops: Int, limits: Limits = Limits()) throws -> GatewayServer {
        var logger = Logger(label: "probe")
        logger.handler = SwiftLogNoOpLogHandler()
        let handler = ClosureHandler { _, _ in Bench.text("from a module") }
        return try GatewayServer(loops: loops, limits: limits, mounts: MountTable([("/", handler)]), logger: logger)
    }

    @Test(arguments: [1, 3]) func everyLoopAnswers(loops: Int) async throws {
        let server = try server(loops: loops)
        #expect(await server.probe() == .answered)
        await server.drain()
        #expect(server.connectionCount == 0)
    }

    @Test func limitsThatAreSetForOthersDoNotConcernIt() async throws {
        var limits = Limits()
        limits.parameterBytes = 1
        limits.parameterCount = 1
        limits.connections = 1
        #expect(try await server(loops: 1, limits: limits).probe() == .answered)
    }

    @Test func `it leaves no socket that would keep the tick of an idle worker going`() async throws {
        let bench = try await Bench { _, _ in Bench.text("") }
        let outcome = await withCheckedContinuation { continuation in
            bench.poll.execute { Probe.run(on: bench.loop) { continuation.resume(returning: $0) } }
        }
        #expect(outcome == .answered)
        #expect(try await bench.on { $0.loop.lingering.isEmpty })
        #expect(bench.loop.connectionCount == 1, "the bench's own")
    }

    @Test func aResponseWithoutItsEndIsNone() {
        let whole: [UInt8] =
            [1, 6, 0, 1, 0, 2, 6, 0, 104, 105, 0, 0, 0, 0, 0, 0, 1, 3, 0, 1, 0, 8, 0, 0] + Array(repeating: 0, count: 8)
        #expect(InternalRequest.answer(in: whole) == [104, 105])
        for count in 0..<whole.count { #expect(InternalRequest.answer(in: Array(whole.prefix(count))) == nil) }
    }

    @Test func aMountLeadsToItsModuleOnly() {
        let handler = ClosureHandler { _, _ in Bench.text("") }
        let table = MountTable([("/blog", handler), ("/twice", handler), ("/twice", handler)])
        #expect(table.leads(to: "/blog"))
        #expect(!table.leads(to: "/"))
        #expect(!table.leads(to: "/twice"))
        #expect(!table.leads(to: "/blogger"))
    }
}
