import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import Testing

/// Row E4: the new generation first, the old one after it.
struct GenerationTests {
    private func rules(_ count: WorkerCount) -> PoolRules {
        var rules = PoolRules()
        rules.count = count
        return rules
    }

    @Test func `the new ones accept before the old ones drain`() {
        var pool = PoolScene.serving(2)
        #expect(
            pool.replace(rules(.fixed(2)), at: 1)
                == [.spawn(worker: 3, generation: 2), .spawn(worker: 4, generation: 2)])
        #expect(pool.handle(.reported(worker: 3, .ready), now: 2).isEmpty)
        #expect(
            pool.handle(.reported(worker: 4, .ready), now: 3) == [
                .order(worker: 3, .accept), .order(worker: 4, .accept), .order(worker: 1, .drain(handsOver: true)),
                .order(worker: 2, .drain(handsOver: true)), .promote(generation: 2),
            ])
        #expect(pool.generation == 2)
    }

    /// Workers 1 and 2 serve, 3 and 4 are about to.
    private func switched(_ change: (inout PoolRules) -> Void = { _ in }) -> PoolStateMachine {
        var pool = PoolScene.serving(2, change)
        _ = pool.replace(rules(.fixed(1)), at: 1)
        #expect(pool.handle(.reported(worker: 3, .ready), now: 3).contains(.promote(generation: 2)))
        return pool
    }

    @Test func `a reload is over when each old worker has said that it drains, or is gone`() {
        var pool = switched()
        #expect(pool.handle(.reported(worker: 1, .draining), now: 4).isEmpty)
        #expect(pool.handle(.ended(worker: 2, .exited(status: 0)), now: 5) == [.promoted])
        #expect(pool.handle(.ended(worker: 1, .exited(status: 0)), now: 6).isEmpty, "it is over once")
    }

    @Test func `an old worker that says nothing is waited for in vain for five seconds`() {
        var pool = switched()
        _ = pool.handle(.reported(worker: 3, .probed(number: 0)), now: 4)
        #expect(pool.deadline(now: 4) == 3 + PoolStateMachine.gracePeriod)
        #expect(pool.handle(.clockAdvanced, now: 5_002).isEmpty)
        #expect(pool.handle(.clockAdvanced, now: 5_003).contains(.promoted))
    }

    @Test func `of programs it is enough that they have their signal`() {
        var pool = PoolScene.pool { $0.stopSignal = SIGTERM }
        _ = pool.handle(.started, now: 0)
        _ = pool.handle(.answered(worker: 1), now: 1_500)
        _ = pool.replace(rules(.fixed(1)), at: 2_000)
        #expect(
            pool.handle(.reported(worker: 2, .ready), now: 2_001)
                == PoolDecision(
                    [.order(worker: 2, .accept), .signal(worker: 1, SIGTERM), .promote(generation: 2)], [.promoted]))
    }

    @Test func `a program that drains takes no orders, though workers that do have replaced it`() {
        var pool = PoolScene.pool { $0.stopSignal = SIGTERM }
        _ = pool.handle(.started, now: 0)
        _ = pool.handle(.answered(worker: 1), now: 1_500)
        _ = pool.replace(rules(.fixed(1)), at: 2_000)
        _ = pool.handle(.reported(worker: 2, .ready), now: 2_001)
        #expect(pool.handle(.stopRequested(atOnce: false), now: 3_000) == [.order(worker: 2, .drain(handsOver: false))])
        let atOnce = pool.handle(.stopRequested(atOnce: true), now: 3_001)
        #expect(atOnce == [.signal(worker: 1, SIGTERM), .order(worker: 2, .end)])
    }

    @Test func `the reload's end waits for the old workers, and a stop does not`() {
        var poolManager = PoolManager()
        var rules = PoolRules()
        rules.count = .fixed(1)
        _ = poolManager.start([("web", rules)], seed: 1, now: 0)
        _ = poolManager.handle(.pool("web", .reported(worker: 1, .ready)), now: 1)
        _ = poolManager.reload([.replaced("web", rules)], now: 2)
        #expect(!poolManager.handle(.pool("web", .reported(worker: 2, .ready)), now: 3).endReloadWell)
        var stopped = poolManager
        #expect(poolManager.handle(.pool("web", .reported(worker: 1, .draining)), now: 4).endReloadWell)
        _ = stopped.handle(.stopRequested(atOnce: false), now: 4)
        #expect(!stopped.handle(.pool("web", .reported(worker: 1, .draining)), now: 5).endReloadWell)
    }

    /// Signal or order: each worker is told to leave by its own generation's rule, also while it drains.
    @Test func `a pool that becomes a program drains its modules by order, and the other way round by signal`() {
        var program = rules(.fixed(1))
        program.stopSignal = SIGQUIT
        var pool = PoolScene.serving(1)
        _ = pool.replace(program, at: 1)
        let settled = 1_501
        #expect(
            pool.handle(.answered(worker: 2), now: settled)
                == [.order(worker: 1, .drain(handsOver: false)), .promote(generation: 2)],
            "a program takes no connections over")
        _ = pool.replace(rules(.fixed(1)), at: settled)
        #expect(
            pool.handle(.reported(worker: 3, .ready), now: settled)
                == [.order(worker: 3, .accept), .signal(worker: 2, SIGQUIT), .promote(generation: 3)])
        #expect(
            pool.handle(.stopRequested(atOnce: false), now: settled)
                == [.order(worker: 1, .drain(handsOver: false)), .order(worker: 3, .drain(handsOver: false))],
            "the program is not given an order")
        #expect(pool.handle(.ended(worker: 2, .killed(signal: SIGQUIT)), now: settled).isEmpty, "that is no crash")
    }

    @Test func `a pool is drained although its reload has not come to an end`() {
        var pool = PoolScene.serving(1)
        _ = pool.handle(.drainRequested, now: 1)
        _ = pool.replace(rules(.fixed(1)), at: 2)
        let actions = pool.handle(.drainRequested, now: 3)
        #expect(actions.rejection != nil)
        #expect(pool.handle(.reported(worker: 2, .ready), now: 4).isEmpty && pool.phase == .drained)
    }

    @Test func `one that hears no orders is not ready, whatever it has said`() {
        var pool = PoolScene.serving(2)
        _ = pool.replace(rules(.fixed(2)), at: 1)
        _ = pool.handle(.reported(worker: 3, .ready), now: 2)
        _ = pool.handle(.controlChannelClosed(worker: 3), now: 3)
        #expect(!pool.handle(.reported(worker: 4, .ready), now: 4).contains(.promote(generation: 2)))
        #expect(
            pool.handle(.clockAdvanced, now: 3 + PoolStateMachine.channelClosedGracePeriod).contains(
                .signal(worker: 3, SIGKILL)))
    }

    @Test func `a pool whose only worker hears no orders is well until that is known to last`() {
        var pool = PoolScene.serving(1)
        _ = pool.handle(.controlChannelClosed(worker: 1), now: 1)
        #expect(pool.isWell(now: 2))
    }

    @Test func `a worker that drains keeps its own generation's limit`() {
        var longer = rules(.fixed(1))
        longer.drainTime = 60_000
        var pool = PoolScene.serving(1) { $0.drainTime = 1_000 }
        _ = pool.replace(longer, at: 1)
        _ = pool.handle(.reported(worker: 2, .ready), now: 2)
        let end = 2 + 1_000 + PoolStateMachine.gracePeriod
        #expect(pool.handle(.clockAdvanced, now: end).contains(.signal(worker: 1, SIGKILL)))
    }

    @Test func `one that fails takes its fellows with it, and the old ones serve on`() {
        var pool = PoolScene.serving(2)
        _ = pool.replace(rules(.fixed(2)), at: 1)
        _ = pool.handle(.reported(worker: 3, .ready), now: 2)
        _ = pool.handle(.reported(worker: 4, .loading(path: PoolScene.path)), now: 2)
        let actions = pool.handle(.ended(worker: 4, .killed(signal: SIGILL)), now: 3)
        #expect(actions.contains(.signal(worker: 3, SIGKILL)))
        guard case .rejected(_, ExitStatus.moduleInitTrapped.rawValue)? = actions.outcomes.last else {
            return #expect(Bool(false), "\(actions)")
        }
        #expect(pool.serving.map(\.number) == [1, 2])
        #expect(pool.handle(.ended(worker: 3, .killed(signal: SIGKILL)), now: 4).isEmpty)
        #expect(pool.deadline(now: 4) == 6_000, "nothing but the next probe")
    }

    @Test func `a worker that crashes while others are on trial is replaced by one of its own generation`() {
        var pool = PoolScene.serving(2)
        _ = pool.replace(rules(.fixed(2)), at: 1)
        let actions = pool.handle(.ended(worker: 1, .killed(signal: SIGKILL)), now: 2)
        #expect(actions.contains(.spawn(worker: 5, generation: 1)))
        _ = pool.handle(.reported(worker: 3, .ready), now: 3)
        #expect(pool.handle(.reported(worker: 4, .ready), now: 3).contains(.signal(worker: 5, SIGKILL)))
    }

    @Test func `a drain while others are on trial ends the trial, and says so`() {
        var pool = PoolScene.serving(1)
        _ = pool.replace(rules(.fixed(1)), at: 1)
        let actions = pool.handle(.drainRequested, now: 2)
        #expect(actions.rejection != nil)
        #expect(pool.phase == .drained)
        #expect(pool.deadline(now: 2) != 2)
    }

    @Test func `a drained pool comes back with a reload, and by being scaled`() {
        for isReloaded in [true, false] {
            var pool = PoolScene.serving(1)
            _ = pool.handle(.drainRequested, now: 1)
            _ = pool.handle(.ended(worker: 1, .exited(status: 0)), now: 2)
            #expect(pool.handle(.clockAdvanced, now: 100_000).isEmpty)
            _ = isReloaded ? pool.replace(rules(.fixed(1)), at: 100_001) : pool.handle(.scaled(to: 1), now: 100_001)
            _ = pool.handle(.reported(worker: 2, .ready), now: 100_002)
            #expect(pool.phase == .running && pool.serving.map(\.number) == [2])
        }
    }

    @Test func `a successor serves before the worn one leaves`() {
        var pool = PoolScene.serving(1) { $0.recycling.requests = 100 }
        let actions = pool.handle(.sampled([1: WorkerSample(requests: 100)]), now: 1)
        #expect(actions.commands.last == .spawn(worker: 2, generation: 1))
        #expect(pool.handle(.sampled([1: WorkerSample(requests: 101)]), now: 2).isEmpty, "one is enough")
        #expect(
            pool.handle(.reported(worker: 2, .ready), now: 3)
                == [.order(worker: 2, .accept), .order(worker: 1, .drain(handsOver: true))])
    }

    @Test(arguments: [1, 4])
    func `workers that are too large from their start are not replaced without end`(count: Int) {
        var pool = PoolScene.serving(count) { $0.recycling.memory = 64 << 20 }
        var replacements: [Int] = []
        var said: [String] = []
        for now in stride(from: 1_000, through: 301_000, by: 500) {
            let samples = pool.serving.map { ($0.number, WorkerSample(residentBytes: 100 << 20)) }
            for action in pool.handle(.sampled(Dictionary(uniqueKeysWithValues: samples)), now: now).commands {
                if case .say(let line) = action { said.append(line) }
                guard case .spawn(let successor, _) = action else { continue }
                replacements.append(now)
                for case .order(let old, .drain) in pool.handle(.reported(worker: successor, .ready), now: now).commands
                {
                    _ = pool.handle(.ended(worker: old, .exited(status: 0)), now: now)
                }
            }
        }
        // Each lives for a minute, but one, which is the first that is found.
        #expect(replacements.first == 1_000)
        #expect(5...(count + 1) * 6 ~= replacements.count, "\(replacements)")
        #expect(said.filter { $0.contains("raise \"memory\" in limits") }.count == 1)
    }

    @Test func `a worker that has served for a while is replaced for its memory whatever happened to others`() {
        var pool = PoolScene.serving(3) { $0.recycling.memory = 64 << 20 }
        let large = WorkerSample(residentBytes: 65 << 20)
        #expect(pool.handle(.sampled([1: large]), now: 59_000).contains(.spawn(worker: 4, generation: 1)))
        _ = pool.handle(.reported(worker: 4, .ready), now: 59_100)
        #expect(
            !pool.handle(.sampled([2: large]), now: 59_900).contains(.spawn(worker: 5, generation: 1)),
            "that is a second one soon after its start")
        #expect(pool.handle(.sampled([2: large]), now: 60_000).contains(.spawn(worker: 5, generation: 1)))
    }

    @Test func `what an operator has scaled lasts until the configuration is read anew`() {
        var pool = PoolScene.serving(2)
        _ = pool.handle(.scaled(to: 3), now: 1)
        _ = pool.handle(.reported(worker: 3, .ready), now: 2)
        #expect(pool.scaledTo == 3 && pool.wanted == 3)
        #expect(pool.handle(.unscaled, now: 3) == [.order(worker: 3, .drain(handsOver: true))])
        #expect(pool.scaledTo == nil && pool.wanted == 2 && pool.generation == 1)
        _ = pool.handle(.scaled(to: 1), now: 4)
        #expect(pool.handle(.unscaled, now: 5) == [.spawn(worker: 4, generation: 1)])
        #expect(pool.handle(.unscaled, now: 6).isEmpty)
    }

    @Test func `a pool that scales goes on from where it was scaled to`() {
        var pool = PoolScene.serving(1) { $0.count = .scaled(min: 1, max: 3, spare: 1, idle: 1_000) }
        _ = pool.handle(.scaled(to: 5), now: 1)
        for number in 2...5 { _ = pool.handle(.reported(worker: number, .ready), now: 2) }
        _ = pool.handle(.unscaled, now: 3)
        #expect(pool.wanted == 3 && pool.serving.count == 3)
    }

    @Test(arguments: [1, 2]) func `a successor whose worn one was scaled away is not one too many`(kept: Int) {
        var pool = PoolScene.serving(2) { $0.recycling.requests = 100 }
        _ = pool.handle(.sampled([3 - kept: WorkerSample(requests: 100)]), now: 1)
        _ = pool.handle(.scaled(to: 1), now: 2)
        _ = pool.handle(.reported(worker: 3, .ready), now: 3)
        #expect(pool.workers.filter(\.isWanted).count == 1)
    }

    @Test func `a pool on demand starts with the first connection and ends after the last request`() {
        var pool = PoolScene.pool { $0.count = .onDemand(max: 2, idle: 1_000) }
        #expect(pool.handle(.started, now: 0) == [.ready])
        #expect(pool.waitsForConnection && pool.deadline(now: 0) == nil)
        #expect(pool.handle(.connectionWaits, now: 5) == [.spawn(worker: 1, generation: 1)])
        #expect(pool.handle(.connectionWaits, now: 6).isEmpty && !pool.waitsForConnection)
        _ = pool.handle(.reported(worker: 1, .ready), now: 10)
        #expect(pool.handle(.sampled([1: WorkerSample(requests: 1)]), now: 20).isEmpty)
        #expect(pool.handle(.sampled([1: WorkerSample(requests: 1)]), now: 1_019).isEmpty)
        #expect(
            pool.handle(.sampled([1: WorkerSample(requests: 1)]), now: 1_020)
                == [.order(worker: 1, .drain(handsOver: false))])
        #expect(pool.waitsForConnection)
    }
}
