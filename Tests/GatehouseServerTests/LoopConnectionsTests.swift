@testable import GatehouseServer
import GatehouseWire
import TestSupport
import Testing

struct LoopConnectionsTests {
    @Test func `those that are watched stand in front, whatever comes and goes`() async throws {
        let bench = try await Bench { _, _ in Bench.text("") }
        let engines = (0..<20).map { _ in
            ConnectionEngine(
                loop: bench.loop, wire: FastCGIConnection(limits: Limits()), transport: RecordingTransport())
        }
        var random = SeededGenerator(seed: 1)
        var connections = LoopConnections()
        var present: Set<Int> = [], watched: Set<Int> = []
        for _ in 0..<5_000 {
            let index = random.within(0...19)
            let engine = engines[index]
            switch random.within(0...3) {
            case 0 where !present.contains(index):
                connections.append(engine)
                present.insert(index)
            case 0, 1:
                _ = connections.watch(engine)
                if present.contains(index) { watched.insert(index) }
            case 2:
                connections.unwatch(engine)
                watched.remove(index)
            default:
                #expect(connections.remove(engine) == present.contains(index))
                present.remove(index)
                watched.remove(index)
            }
            let numbers = connections.all.compactMap { one in engines.firstIndex { $0 === one } }
            #expect(Set(numbers) == present && numbers.count == present.count)
            #expect(Set(numbers.prefix(connections.watchedCount)) == watched)
            #expect(connections.all.indices.allSatisfy { connections.all[$0].place == $0 })
        }
    }
}
