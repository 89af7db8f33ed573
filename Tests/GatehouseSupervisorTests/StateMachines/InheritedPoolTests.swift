import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import Testing

/// Going on with the workers that the supervisor before this one has left.
struct InheritedPoolTests {
    private func rules(_ count: Int) -> PoolRules {
        var rules = PoolRules()
        rules.count = .fixed(count)
        return rules
    }

    private func worker(_ number: Int, generation: Int = 3, isServing: Bool = true) -> InheritedPool.Worker {
        InheritedPool.Worker(
            number: number, generation: generation, startedAt: 0, isServing: isServing, rules: PoolRules())
    }

    private func left(_ workers: [InheritedPool.Worker]) -> InheritedPool {
        InheritedPool(workers: workers, generation: 3, lastGeneration: 5, lastWorker: 12, crashes: 4, spawned: 12)
    }

    private func start(_ rules: [(String, PoolRules)], _ inherited: [String: InheritedPool]) -> (
        PoolManager, [PoolManagerCommand]
    ) {
        var poolManager = PoolManager()
        let actions = poolManager.start(
            rules.map { (name: $0.0, rules: $0.1) }, inherited: inherited, seed: 1, now: 1_000)
        return (poolManager, actions)
    }

    @Test func `who serves goes on, and who was leaving leaves`() {
        let workers = [worker(9), worker(8, generation: 2, isServing: false)]
        let (poolManager, actions) = start([("web", rules(1))], ["web": left(workers)])
        #expect(actions == [.pool("web", .order(worker: 8, .drain(handsOver: false))), .announceReady])
        #expect(poolManager.phase == .running)
        let pool = poolManager.pools["web"]
        #expect(pool?.serving.map(\.number) == [9] && pool?.workers.map(\.state) == [.serving, .draining])
        #expect(pool?.crashes == 4 && pool?.spawned == 12 && pool?.generation == 3)
        #expect(pool?.workers[1].deadline == 1_000 + 30_000 + PoolStateMachine.gracePeriod)
    }

    @Test func `who was draining has the rest of its time, and a program is not signalled again`() {
        var module = worker(8, generation: 2, isServing: false)
        (module.isDraining, module.hasStoppedAccepting, module.deadline) = (true, true, 1_500)
        var program = worker(7, generation: 2, isServing: false)
        program.isDraining = true
        program.rules.stopSignal = SIGTERM
        var (poolManager, actions) = start([("web", rules(1))], ["web": left([worker(9), module, program])])
        #expect(actions == [.pool("web", .order(worker: 8, .drain(handsOver: false))), .announceReady])
        let workers = poolManager.pools["web"]?.workers ?? []
        #expect(workers.map(\.state) == [.serving, .draining, .draining])
        #expect(workers.map(\.hasStoppedAccepting) == [false, true, false])
        #expect(workers.map(\.deadline) == [nil, 1_500, nil], "nil: its drain time has no limit")
        actions = poolManager.handle(.clockAdvanced, now: 1_500)
        #expect(actions.contains(.pool("web", .signal(worker: 8, SIGKILL))))
    }

    @Test func `who neither served nor drained is killed, and replaced by the clock`() {
        var starting = worker(10, isServing: false)
        starting.isDraining = false
        starting.rules.drainTime = 0
        var (poolManager, actions) = start([("web", rules(2))], ["web": left([worker(9), starting])])
        #expect(actions == [.pool("web", .signal(worker: 10, SIGKILL)), .announceReady])
        #expect(poolManager.handle(.clockAdvanced, now: 1_001) == [.pool("web", .spawn(worker: 13, generation: 3))])
        actions = poolManager.handle(.pool("web", .ended(worker: 10, .killed(signal: SIGKILL))), now: 1_002)
        #expect(actions == [] && poolManager.pools["web"]?.crashes == 4)
    }

    @Test func `who is missing is started by the clock, with numbers that nobody had`() {
        var (poolManager, _) = start([("web", rules(2))], ["web": left([worker(9)])])
        #expect(poolManager.handle(.clockAdvanced, now: 1_001) == [.pool("web", .spawn(worker: 13, generation: 3))])
        #expect(
            poolManager.reload([.replaced("web", rules(2))], now: 1_002) == [
                .pool("web", .spawn(worker: 14, generation: 6)), .pool("web", .spawn(worker: 15, generation: 6)),
            ])
    }

    @Test func `more than the configuration wants serve until the reload`() {
        let (poolManager, actions) = start([("web", rules(1))], ["web": left([worker(9), worker(10)])])
        #expect(actions == [.announceReady] && poolManager.pools["web"]?.wanted == 2)
    }

    @Test func `a pool without workers is there, and one that was drained stays so until its reload`() {
        var drained = left([])
        drained.isDrained = true
        var (poolManager, _) = start([("web", rules(1)), ("api", rules(1))], ["web": left([]), "api": drained])
        #expect(poolManager.phase == .running && poolManager.pools["api"]?.phase == .drained)
        #expect(poolManager.handle(.clockAdvanced, now: 1_001) == [.pool("web", .spawn(worker: 13, generation: 3))])
        let actions = poolManager.reload([.replaced("api", rules(1))], now: 1_002)
        #expect(actions == [.pool("api", .spawn(worker: 13, generation: 6))])
    }

    @Test func `a pool that the configuration has no longer drains, is killed in the end, and is forgotten`() {
        var module = worker(9)
        module.rules.drainTime = 1_000
        var program = worker(10)
        program.rules.stopSignal = SIGQUIT
        var (poolManager, actions) = start(
            [("web", rules(1))], ["web": left([worker(9)]), "old": left([module, program])])
        #expect(
            actions == [
                .pool("old", .order(worker: 9, .drain(handsOver: false))), .pool("old", .signal(worker: 10, SIGQUIT)),
                .announceReady,
            ])
        actions = poolManager.handle(.clockAdvanced, now: 1_000 + 1_000 + PoolStateMachine.gracePeriod)
        #expect(actions.contains(.pool("old", .signal(worker: 9, SIGKILL))))
        _ = poolManager.handle(.pool("old", .ended(worker: 9, .killed(signal: SIGKILL))), now: 8_000)
        #expect(
            poolManager.handle(.pool("old", .ended(worker: 10, .killed(signal: SIGQUIT))), now: 8_001)
                == [.forget(pool: "old")])
        #expect(poolManager.pools.keys.sorted() == ["web"])
    }

    @Test func `of such a pool without workers nothing is left`() {
        let (poolManager, actions) = start([("web", rules(1))], ["web": left([worker(9)]), "old": left([])])
        #expect(actions == [.forget(pool: "old"), .announceReady])
        #expect(poolManager.pools.keys.sorted() == ["web"])
    }
}
