import GatehouseServer
import Synchronization
import Testing

/// A worker says when it has had half of its requests, and more, and the last.
struct RequestBudgetTests {
    private final class Said: Sendable {
        let values = Mutex<[Int]>([])
    }

    @Test(arguments: [(1_000, [500, 250, 125, 0]), (10, [5, 2, 1, 0]), (3, [1, 0]), (2, [1, 0]), (1, [0])])
    func `it is said at each mark, once`(count: Int, expected: [Int]) async throws {
        let said = Said()
        let budget = RequestBudget(count) { left in said.values.withLock { $0.append(left) } }
        let bench = try await Bench(budget: budget) { _, _ in Bench.text("x") }
        for number in 1...UInt16(count + 5) {
            try await bench.send(Records.get("/", number))
            if number % 50 == 0 { _ = try await bench.answers(until: number) }
        }
        _ = try await bench.answers(until: UInt16(count + 5))
        #expect(said.values.withLock { $0 } == expected, "and what comes after the last is served")
    }
}
