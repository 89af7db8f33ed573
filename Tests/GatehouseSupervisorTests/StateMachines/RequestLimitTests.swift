import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Testing

/// A worker that has had its requests: its successor is there when the last one comes.
struct RequestLimitTests {
    private static let change: [PoolCommand] = [
        .order(worker: 2, .accept), .order(worker: 1, .drain(handsOver: true)),
    ]

    /// One worker that has served for ten seconds, a thousand requests in each, and whose limit lies this far ahead.
    private static func pool(requestsLeft: Int) -> (pool: PoolStateMachine, actions: PoolDecision) {
        var pool = PoolScene.serving(1) { $0.recycling.requests = 10_000 }
        let limit = pool.requestLimit(of: 1) ?? 0
        _ = pool.handle(.sampled([1: WorkerSample(requests: limit - requestsLeft - 1_000)]), now: 9_000)
        let actions = pool.handle(.sampled([1: WorkerSample(requests: limit - requestsLeft)]), now: 10_000)
        return (pool, actions)
    }

    @Test func `its own part of the limit is up to a tenth lower, and never none`() {
        var pool = PoolScene.pool { $0.count = .fixed(50) }
        pool.rules.recycling.requests = 1_000
        _ = pool.handle(.started, now: 0)
        let limits = (1...50).compactMap { pool.requestLimit(of: $0) }
        #expect(limits.count == 50 && limits.allSatisfy { (900...1_000).contains($0) } && Set(limits).count > 5)
        #expect(PoolScene.serving(1) { $0.recycling.requests = 1 }.requestLimit(of: 1) == 1)
        #expect(PoolScene.serving(1).requestLimit(of: 1) == nil)
    }

    @Test func `a successor is started as early as its start takes`() {
        #expect(Self.pool(requestsLeft: 5_000).actions.isEmpty)
        #expect(Self.pool(requestsLeft: 500).actions.commands.last == .spawn(worker: 2, generation: 1))
    }

    @Test func `one that is ready waits for the last request`() {
        var (pool, _) = Self.pool(requestsLeft: 500)
        #expect(pool.handle(.reported(worker: 2, .ready), now: 10_200).isEmpty)
        #expect(pool.handle(.reported(worker: 1, .requestsLeft(0)), now: 10_500) == Self.change)
    }

    @Test func `one that is late serves at once`() {
        var (pool, _) = Self.pool(requestsLeft: 500)
        #expect(pool.handle(.reported(worker: 1, .requestsLeft(0)), now: 10_500).isEmpty)
        #expect(pool.handle(.reported(worker: 2, .ready), now: 10_600) == Self.change)
    }

    @Test(arguments: [(0, true), (5_000, false), (Int.max, false), (Int.min, true)])
    func `what it says is held for a count, and for no more`(left: Int, isWorn: Bool) {
        var pool = PoolScene.serving(1) { $0.recycling.requests = 10_000 }
        _ = pool.handle(.reported(worker: 1, .requestsLeft(left)), now: 60_000)
        #expect(pool.workers[0].isWorn == isWorn)
        #expect((0...10_000).contains(pool.workers[0].lastSample.requests))
    }

    @Test func `one that is through before it is looked at has a successor in time`() {
        var pool = PoolScene.serving(1) { $0.recycling.requests = 10_000 }
        let half = (pool.requestLimit(of: 1) ?? 0) / 2
        #expect(
            pool.handle(.reported(worker: 1, .requestsLeft(half)), now: 300).commands.last
                == .spawn(worker: 2, generation: 1))
        #expect(pool.handle(.reported(worker: 2, .ready), now: 500).isEmpty)
        #expect(pool.handle(.reported(worker: 1, .requestsLeft(0)), now: 600) == Self.change)
    }

    @Test func `if the requests stop coming, the successor does not wait for them for long`() {
        var (pool, _) = Self.pool(requestsLeft: 500)
        _ = pool.handle(.reported(worker: 2, .ready), now: 10_200)
        let end = 10_200 + PoolStateMachine.successorTimeout
        #expect(!pool.handle(.clockAdvanced, now: end - 1).contains(.order(worker: 2, .accept)))
        #expect(pool.handle(.clockAdvanced, now: end).contains(.order(worker: 2, .accept)))
    }

    @Test func `where the worker ends before, its successor takes its place`() {
        var (pool, _) = Self.pool(requestsLeft: 500)
        _ = pool.handle(.reported(worker: 2, .ready), now: 10_200)
        #expect(pool.handle(.ended(worker: 1, .exited(status: 0)), now: 10_300).contains(.order(worker: 2, .accept)))
        #expect(pool.serving.map(\.number) == [2] && pool.workers.count == 1)
    }

    @Test func `a worker that says so by itself, sooner than it was looked at, gets a successor at once`() {
        var pool = PoolScene.serving(1) { $0.recycling.requests = 100_000 }
        let actions = pool.handle(.reported(worker: 1, .requestsLeft(0)), now: 10)
        #expect(actions.commands.last == .spawn(worker: 2, generation: 1))
        #expect(pool.handle(.reported(worker: 2, .ready), now: 100) == Self.change)
    }
}
