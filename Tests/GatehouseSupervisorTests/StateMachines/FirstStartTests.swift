import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import Testing

/// The first start: each pool wholly or not at all, and none for another's sake.
struct FirstStartTests {
    private func rules(_ count: Int) -> PoolRules {
        var rules = PoolRules()
        rules.count = .fixed(count)
        return rules
    }

    private func poolManager(_ counts: [(String, Int)], isStrict: Bool = false) -> PoolManager {
        var poolManager = PoolManager()
        poolManager.isStrict = isStrict
        _ = poolManager.start(counts.map { ($0.0, rules($0.1)) }, seed: 1, now: 0)
        return poolManager
    }

    private func ready(_ pool: String, _ worker: Int) -> PoolManagerEvent {
        .pool(pool, .reported(worker: worker, .ready))
    }

    private func died(_ pool: String, _ worker: Int) -> PoolManagerEvent {
        .pool(pool, .ended(worker: worker, .exited(status: 3)))
    }

    @Test func `none accepts before all are ready`() {
        var pool = PoolScene.pool { $0.count = .fixed(2) }
        #expect(pool.handle(.started, now: 0) == [.spawn(worker: 1, generation: 1), .spawn(worker: 2, generation: 1)])
        #expect(pool.handle(.reported(worker: 2, .ready), now: 5).isEmpty && pool.serving.isEmpty)
        #expect(
            pool.handle(.reported(worker: 1, .ready), now: 6)
                == PoolDecision([.order(worker: 1, .accept), .order(worker: 2, .accept)], [.ready]))
        #expect(pool.phase == .running)
    }

    @Test func `one that fails before takes its fellows with it, before anybody was served`() {
        var pool = PoolScene.pool { $0.count = .fixed(2) }
        _ = pool.handle(.started, now: 0)
        _ = pool.handle(.reported(worker: 1, .ready), now: 1)
        let actions = pool.handle(.ended(worker: 2, .killed(signal: SIGSEGV)), now: 2)
        #expect(actions.contains(.signal(worker: 1, SIGKILL)))
        #expect(actions.startFailure != nil)
        #expect(pool.phase == .failed && pool.isUnreachable && pool.isDegraded(now: 2) && pool.isWell(now: 2))
    }

    @Test func `one that dies afterwards is a crash like any other`() {
        var poolManager = poolManager([("web", 2)])
        _ = poolManager.handle(ready("web", 1), now: 1)
        #expect(poolManager.handle(ready("web", 2), now: 1).last == .announceReady)
        let actions = poolManager.handle(died("web", 1), now: 2)
        #expect(actions.contains(.pool("web", .spawn(worker: 3, generation: 1))))
        #expect(poolManager.phase == .running && poolManager.pools["web"]?.serving.map(\.number) == [2])
    }

    @Test func `what cannot be started leaves the others alone, whoever comes first`() {
        for failsFirst in [true, false] {
            var poolManager = poolManager([("api", 1), ("web", 1)])
            let events = [died("api", 1), ready("web", 1)]
            _ = poolManager.handle(events[failsFirst ? 0 : 1], now: 1)
            #expect(poolManager.phase == .starting)
            let actions = poolManager.handle(events[failsFirst ? 1 : 0], now: 1)
            #expect(actions.last == .announceReady && poolManager.phase == .running)
            #expect(poolManager.startFailures.map(\.pool) == ["api"])
            #expect(poolManager.pools["web"]?.isUnreachable == false)
        }
    }

    @Test func `where nothing can be started, the first reason is the status`() {
        var poolManager = poolManager([("api", 1), ("web", 1)])
        _ = poolManager.handle(died("web", 1), now: 1)
        #expect(poolManager.phase == .starting)
        let report = WorkerReport.failed(path: "", message: "no database", exitStatus: 85)
        _ = poolManager.handle(.pool("api", .reported(worker: 1, report)), now: 1)
        let actions = poolManager.handle(.pool("api", .ended(worker: 1, .exited(status: 85))), now: 2)
        #expect(actions.contains(.stopListening) && actions.last == .finish(status: 3))
    }

    @Test func `a strict start ends with the first failure`() {
        var poolManager = poolManager([("api", 1), ("web", 1)], isStrict: true)
        let actions = poolManager.handle(died("api", 1), now: 1)
        #expect(actions.contains(.pool("web", .signal(worker: 1, SIGKILL))))
        #expect(poolManager.phase == .stopping(status: 3))
    }

    @Test func `one worker at a time is tried again, and with it all the others`() {
        var poolManager = poolManager([("api", 3), ("web", 1)])
        _ = poolManager.handle(ready("web", 1), now: 0)
        #expect(poolManager.handle(died("api", 2), now: 0).contains(.announceReady))
        for number in [1, 3] {
            _ = poolManager.handle(.pool("api", .ended(worker: number, .killed(signal: SIGKILL))), now: 0)
        }
        #expect(poolManager.deadline(now: 0) == PoolStateMachine.retryTime)
        #expect(poolManager.handle(.clockAdvanced, now: 999).isEmpty)
        #expect(poolManager.handle(.clockAdvanced, now: 1_000) == [.pool("api", .spawn(worker: 4, generation: 1))])
        #expect(poolManager.pools["api"]?.isUnreachable == true, "it has not served yet")
        let actions = poolManager.handle(ready("api", 4), now: 1_100)
        #expect(actions.first == .pool("api", .order(worker: 4, .accept)))
        #expect(actions.filter { if case .pool("api", .spawn) = $0 { true } else { false } }.count == 2)
        #expect(poolManager.pools["api"]?.phase == .running && poolManager.pools["api"]?.isUnreachable == false)
        #expect(poolManager.pools["api"]?.isDegraded(now: 1_100) == false, "what was missing is there")
    }

    @Test func `a reload tries again at once, with the new part`() {
        var poolManager = poolManager([("api", 1), ("web", 1)])
        _ = poolManager.handle(ready("web", 1), now: 0)
        _ = poolManager.handle(died("api", 1), now: 0)
        #expect(
            poolManager.reload([.replaced("api", rules(1))], now: 1) == [
                .pool("api", .spawn(worker: 2, generation: 2))
            ])
        let actions = poolManager.handle(ready("api", 2), now: 2)
        #expect(actions.contains(.pool("api", .order(worker: 2, .accept))) && actions.endReloadWell)
        #expect(poolManager.pools["api"]?.phase == .running)
    }

    @Test func `what cannot have its socket is tried again, on demand or not`() {
        for count in [WorkerCount.fixed(2), .onDemand(max: 2, idle: 1_000)] {
            var rules = rules(1)
            rules.count = count
            var poolManager = PoolManager()
            let failure = ReloadFailure(pool: "api", message: "the port is taken", exitStatus: 74)
            let actions = poolManager.start(
                [("api", rules), ("web", self.rules(1))], failures: [failure], seed: 1, now: 0)
            #expect(actions.contains(.reportFailedStart(pool: "api", message: "the port is taken")))
            #expect(poolManager.handle(ready("web", 1), now: 1).last == .announceReady)
            let again = poolManager.handle(.clockAdvanced, now: PoolStateMachine.retryTime)
            #expect(again == [.pool("api", .spawn(worker: 1, generation: 1))])
        }
    }

    @Test func `a program that cannot be started does not share its clients while it is tried`() {
        var pool = PoolScene.pool { $0.stopSignal = SIGTERM }
        _ = pool.handle(.started, now: 0)
        _ = pool.handle(.ended(worker: 1, .exited(status: 1)), now: 10)
        #expect(pool.isUnreachable)
        _ = pool.handle(.clockAdvanced, now: 10 + PoolStateMachine.retryTime)
        #expect(!pool.workers.isEmpty && !pool.isUnreachable, "it may accept already")
    }

    @Test func `a program that has served and leaves by its own rule keeps its clients waiting for the next`() {
        for (end, isUnreachable) in [(WorkerEnd.exited(status: 0), false), (.exited(status: 1), true)] {
            var pool = PoolScene.pool { $0.stopSignal = SIGTERM }
            _ = pool.handle(.started, now: 0)
            _ = pool.handle(.answered(worker: 1), now: 1)
            // Until the next start has to wait.
            for number in 1...4 { _ = pool.handle(.ended(worker: number, end), now: 2_000) }
            #expect(pool.workers.isEmpty && pool.isUnreachable == isUnreachable)
        }
    }

    @Test func `a pool whose workers all fail later is out of reach until one serves, and not between crashes`() {
        var pool = PoolScene.serving(1)
        _ = pool.handle(.ended(worker: 1, .killed(signal: SIGSEGV)), now: 1)
        #expect(!pool.isUnreachable, "the next one may serve in a moment")
        _ = pool.handle(.reported(worker: 2, .failed(path: "", message: "no database", exitStatus: 85)), now: 2)
        _ = pool.handle(.ended(worker: 2, .exited(status: 85)), now: 3)
        #expect(pool.isUnreachable && pool.startFailure == "no database")
        _ = pool.handle(.clockAdvanced, now: 1_000)
        let number = pool.workers.last?.number ?? 0
        _ = pool.handle(.reported(worker: number, .ready), now: 1_001)
        #expect(!pool.isUnreachable && pool.startFailure == nil)
    }

    @Test func `a pool that was drained keeps its clients waiting, as it was told to`() {
        var pool = PoolScene.pool()
        _ = pool.handle(.started, now: 0)
        _ = pool.handle(.ended(worker: 1, .exited(status: 1)), now: 1)
        _ = pool.handle(.drainRequested, now: 2)
        #expect(pool.phase == .drained && !pool.isUnreachable)
        #expect(pool.handle(.scaled(to: 1), now: 3) == [.spawn(worker: 2, generation: 1)])
    }
}
