import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import Testing

/// Programs: up when they answer, replaced by generations, and rolled back if they do not last.
struct ProgramTests {
    private static func rules(_ count: Int = 1, _ change: (inout PoolRules) -> Void = { _ in }) -> PoolRules {
        var rules = PoolRules()
        rules.count = .fixed(count)
        rules.stopSignal = SIGTERM
        change(&rules)
        return rules
    }

    /// A pool of programs that have answered, at 0.
    private static func serving(_ count: Int = 1, _ change: (inout PoolRules) -> Void = { _ in }) -> PoolStateMachine {
        var pool = PoolStateMachine(rules: rules(count, change), seed: 1)
        _ = pool.handle(.started, now: 0)
        for number in 1...count { _ = pool.handle(.answered(worker: number), now: 0) }
        return pool
    }

    @Test func `a pool is ready when each of its programs has answered, however long that takes`() {
        var pool = PoolStateMachine(rules: Self.rules(2), seed: 1)
        _ = pool.handle(.started, now: 0)
        #expect(pool.handle(.clockAdvanced, now: 20_000).isEmpty, "that they live says nothing")
        #expect(pool.handle(.answered(worker: 2), now: 20_001).isEmpty)
        #expect(pool.handle(.answered(worker: 1), now: 20_002) == [.ready])
    }

    @Test func `one that does not answer in time is killed, and the message has the last refusal`() {
        var pool = Self.serving()
        _ = pool.replace(Self.rules { $0.loadTime = 2_000 }, at: 10)
        _ = pool.handle(.refused(worker: 2, reason: "GET /health is answered 503"), now: 1_000)
        #expect(pool.handle(.clockAdvanced, now: 2_009).isEmpty && pool.serving.map(\.number) == [1])
        #expect(pool.handle(.clockAdvanced, now: 2_010).contains(.signal(worker: 2, SIGKILL)))
        #expect(
            pool.handle(.ended(worker: 2, .killed(signal: SIGKILL)), now: 2_020).outcomes == [
                .rejected(
                    message: "the program did not answer within 2 s: the limit is \"load\" in limits; "
                        + "GET /health is answered 503", exitStatus: ExitStatus.moduleInitHung.rawValue)
            ])
        #expect(pool.serving.map(\.number) == [1])
    }

    @Test func `one beside others that answer on its socket counts when it has lived for a while`() {
        var pool = Self.serving(2)
        _ = pool.handle(.ended(worker: 1, .killed(signal: SIGKILL)), now: 10)
        #expect(pool.workers.first { $0.number == 3 }?.awaitsAnswer == false)
        #expect(pool.handle(.answered(worker: 3), now: 11).isEmpty)
        _ = pool.handle(.clockAdvanced, now: 10 + PoolStateMachine.settlingTime)
        #expect(pool.serving.map(\.number) == [2, 3])
    }

    // MARK: Probation

    @Test(arguments: [WorkerEnd.exited(status: 3), .killed(signal: SIGSEGV)])
    func `what a reload has brought and dies soon makes room for what was before`(end: WorkerEnd) {
        var pool = Self.serving()
        _ = pool.replace(Self.rules { $0.drainTime = 7 }, at: 10)
        _ = pool.handle(.answered(worker: 2), now: 20)
        _ = pool.handle(.ended(worker: 1, .exited(status: 0)), now: 30)
        let actions = pool.handle(.ended(worker: 2, end), now: 5_020)
        #expect(actions.contains(.prepare(generation: 3, like: 1)))
        #expect(actions.contains(.spawn(worker: 3, generation: 3)))
        let told = actions.outcomes.contains { outcome in
            guard case .rolledBack(let message) = outcome else { return false }
            return message.contains(" 5 s after it had answered")
        }
        #expect(told, "\(actions)")
        #expect(pool.handle(.answered(worker: 3), now: 5_100).contains(.promote(generation: 3)))
        #expect(pool.rules.drainTime == PoolRules().drainTime, "the settings of before")
        let again = pool.handle(.ended(worker: 3, end), now: 5_200)
        #expect(!again.commands.contains { if case .prepare = $0 { true } else { false } }, "it is not on probation")
    }

    @Test func `who dies later, is killed from outside, or leaves by a rule of its own, is replaced by its like`() {
        let ends: [(WorkerEnd, Int)] = [
            (.exited(status: 3), 20 + PoolStateMachine.probationTime), (.killed(signal: SIGKILL), 100),
            (.exited(status: 0), 100),
        ]
        for (end, time) in ends {
            var pool = Self.serving()
            _ = pool.replace(Self.rules(), at: 10)
            _ = pool.handle(.answered(worker: 2), now: 20)
            _ = pool.handle(.ended(worker: 1, .exited(status: 0)), now: 30)
            let actions = pool.handle(.ended(worker: 2, end), now: time)
            #expect(actions.contains(.spawn(worker: 3, generation: 2)), "\(end): \(actions)")
            #expect(pool.candidate == nil)
        }
    }

    @Test func `should what was before not start any more, the new ones go on`() {
        var pool = Self.serving()
        _ = pool.replace(Self.rules(), at: 10)
        _ = pool.handle(.answered(worker: 2), now: 20)
        _ = pool.handle(.ended(worker: 1, .exited(status: 0)), now: 30)
        let actions = pool.handle(.ended(worker: 2, .exited(status: 3)), now: 40)
        #expect(
            actions.commands.last == .spawn(worker: 3, generation: 3),
            "which has the queue of those who wait for itself")
        let failed = pool.handle(.ended(worker: 3, .exited(status: 5)), now: 60)
        #expect(
            failed.commands.contains {
                if case .say(let line) = $0 { line.contains("cannot be started again") } else { false }
            })
        #expect(failed.commands.last == .spawn(worker: 4, generation: 2))
        _ = pool.handle(.answered(worker: 4), now: 70)
        #expect(pool.serving.map(\.number) == [4])
    }

    @Test func `a reload while what was before is being started has the last word`() {
        var pool = Self.serving()
        _ = pool.replace(Self.rules(), at: 10)
        _ = pool.handle(.answered(worker: 2), now: 20)
        _ = pool.handle(.ended(worker: 2, .exited(status: 3)), now: 40)
        let actions = pool.replace(Self.rules(), at: 50)
        #expect(actions.contains(.signal(worker: 3, SIGKILL)))
        #expect(pool.candidate?.generation == 4 && pool.candidate?.purpose == .reload)
    }

    // MARK: Age

    @Test func `worn programs are replaced as by a reload, and what an operator has scaled stays`() {
        var pool = Self.serving(1) { $0.recycling.age = 10_000 }
        _ = pool.handle(.scaled(to: 2), now: 5)
        _ = pool.handle(.clockAdvanced, now: 5 + PoolStateMachine.settlingTime)
        let actions = pool.handle(.sampled([:]), now: 10_000)
        #expect(actions.contains(.prepare(generation: 2, like: 1)))
        #expect(
            actions.contains(.spawn(worker: 3, generation: 2)) && actions.contains(.spawn(worker: 4, generation: 2)))
        _ = pool.handle(.answered(worker: 3), now: 10_100)
        #expect(pool.serving.map(\.number) == [1, 2])
        #expect(pool.handle(.answered(worker: 4), now: 10_200).contains(.signal(worker: 1, SIGTERM)))
        #expect(pool.serving.map(\.number) == [3, 4] && pool.scaledTo == 2)
    }

    @Test func `worn programs that cannot be replaced go on, and that is tried once a minute`() {
        var pool = Self.serving(1) { $0.recycling.age = 10_000 }
        _ = pool.handle(.sampled([:]), now: 10_000)
        let failed = pool.handle(.ended(worker: 2, .exited(status: 3)), now: 10_010)
        #expect(
            failed.commands.contains {
                if case .say(let line) = $0 { line.hasPrefix("worn programs go on") } else { false }
            })
        #expect(pool.handle(.sampled([:]), now: 69_999).isEmpty)
        #expect(pool.handle(.sampled([:]), now: 70_000).contains(.spawn(worker: 3, generation: 3)))
        #expect(pool.serving.map(\.number) == [1])
    }

    @Test func `who scales while worn programs are being replaced has the last word`() {
        var pool = Self.serving(1) { $0.recycling.age = 10_000 }
        _ = pool.handle(.sampled([:]), now: 10_000)
        let actions = pool.handle(.scaled(to: 2), now: 10_010)
        #expect(actions == [.signal(worker: 2, SIGKILL), .reject(generation: 2), .spawn(worker: 3, generation: 1)])
        #expect(pool.candidate == nil && pool.wanted == 2)
    }
}
