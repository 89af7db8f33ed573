import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import Testing

/// One step for each state of a worker and each thing that can happen to it.
struct WorkerStateTests {
    enum Happening: String, CaseIterable {
        case loading, loaded, failed, ready, probed, traced, worn, draining, answered, malformed, channelClosed, exited,
            crashed,
            stop, stopAtOnce

        func event(_ number: Int) -> PoolEvent {
            switch self {
            case .loading: .reported(worker: number, .loading(path: "/m/libB.so"))
            case .loaded: .reported(worker: number, .loaded(path: PoolScene.path, name: "A", version: "1"))
            case .failed: .reported(worker: number, .failed(path: PoolScene.path, message: "no", exitStatus: 85))
            case .ready: .reported(worker: number, .ready)
            case .probed: .reported(worker: number, .probed(number: 4_711))
            case .traced: .reported(worker: number, .traced)
            case .worn: .reported(worker: number, .requestsLeft(0))
            case .draining: .reported(worker: number, .draining)
            case .answered: .answered(worker: number)
            case .malformed: .malformedReport(worker: number)
            case .channelClosed: .controlChannelClosed(worker: number)
            case .exited: .ended(worker: number, .exited(status: 0))
            case .crashed: .ended(worker: number, .killed(signal: SIGSEGV))
            case .stop: .stopRequested(atOnce: false)
            case .stopAtOnce: .stopRequested(atOnce: true)
            }
        }

        /// The state that follows each of ``PoolScene``'s, in its order; `-`: the worker is gone; `!`: it also gets
        /// SIGKILL.
        var outcomes: String {
            switch self {
            //           starting loading waiting serving draining tracing failed killed
            case .loading: "loading failed! failed! failed! draining tracing failed killed"
            case .loaded: "failed! starting failed! failed! draining tracing failed killed"
            case .failed: "failed failed failed failed draining tracing failed killed"
            case .ready: "serving serving failed! failed! draining tracing failed killed"
            case .probed: "starting loading waiting serving draining tracing failed killed"
            case .traced: "starting loading waiting serving draining killed! failed killed"
            case .draining: "failed! failed! failed! draining draining tracing failed killed"
            case .worn: "failed! failed! failed! serving draining tracing failed killed"
            case .answered: "starting loading waiting serving draining tracing failed killed"
            case .malformed: "failed! failed! failed! failed! failed! failed! failed! killed"
            case .channelClosed: "starting loading waiting serving draining tracing failed killed"
            case .exited, .crashed: "- - - - - - - -"
            case .stop: "killed! killed! killed! draining draining tracing failed killed"
            case .stopAtOnce: "killed! killed! killed! draining draining killed! killed! killed"
            }
        }
    }

    @Test(arguments: Happening.allCases) func `each state has one outcome`(happening: Happening) {
        for (scene, outcome) in zip(PoolScene.allCases, happening.outcomes.split(separator: " ")) {
            var (pool, number) = scene.make()
            #expect(pool.workers.first { $0.number == number }?.state.name == scene.rawValue)
            let actions = pool.handle(happening.event(number), now: 400_000)
            var found = pool.workers.first { $0.number == number }?.state.name ?? "-"
            if actions.contains(.signal(worker: number, SIGKILL)) { found += "!" }
            #expect(found == outcome, "\(happening) in \(scene)")
        }
    }

    @Test func `what happens to a worker that is not there changes nothing`() {
        let before = PoolScene.serving(2)
        for happening in Happening.allCases where happening != .stop && happening != .stopAtOnce {
            var pool = before
            #expect(pool.handle(happening.event(99), now: 5).isEmpty)
            #expect(pool.workers == before.workers)
        }
    }

    @Test(arguments: [0, -1, 256, Int32.max, Int32.min])
    func `a reported failure never becomes success or no status at all`(status: Int32) {
        var pool = PoolScene.pool()
        _ = pool.handle(.started, now: 0)
        let report = WorkerReport.failed(path: "", message: "init threw\u{1B}[2J: no\nway", exitStatus: status)
        #expect(pool.handle(.reported(worker: 1, report), now: 0).isEmpty)
        #expect(
            pool.handle(.ended(worker: 1, .exited(status: 0)), now: 1)
                == [.failedToStart(message: "init threw\\x1b[2J: no\\nway", exitStatus: ExitStatus.internal.rawValue)])
    }

    @Test func `a module that does not return from init in time is named and its worker killed`() {
        var pool = PoolScene.pool()
        _ = pool.handle(.started, now: 0)
        _ = pool.handle(.reported(worker: 1, .loading(path: PoolScene.path)), now: 1_000)
        #expect(pool.deadline(now: 1_000) == 31_000)
        #expect(pool.handle(.clockAdvanced, now: 30_999).isEmpty)
        #expect(pool.handle(.clockAdvanced, now: 31_000) == [.signal(worker: 1, SIGKILL)])
        let message = "module /m/libA.so: its init did not return within 30 s: the limit is \"load\" in limits"
        #expect(
            pool.handle(.ended(worker: 1, .killed(signal: SIGKILL)), now: 31_001)
                == [.failedToStart(message: message, exitStatus: ExitStatus.moduleInitHung.rawValue)])
    }

    @Test func `a worker that does not leave is killed, five seconds after its own limit`() {
        var pool = PoolScene.serving(1) { $0.drainTime = 1_000 }
        #expect(pool.handle(.stopRequested(atOnce: false), now: 0) == [.order(worker: 1, .drain(handsOver: false))])
        #expect(pool.handle(.clockAdvanced, now: 5_999).commands.filter { $0 == .signal(worker: 1, SIGKILL) }.isEmpty)
        #expect(pool.handle(.clockAdvanced, now: 6_000).commands.last == .signal(worker: 1, SIGKILL))
        #expect(pool.handle(.ended(worker: 1, .killed(signal: SIGKILL)), now: 6_001) == [.stopped])
    }

    @Test func `stopping at once shortens a drain that has no limit`() {
        var pool = PoolScene.serving(1) { $0.drainTime = 0 }
        _ = pool.handle(.stopRequested(atOnce: false), now: 0)
        #expect(pool.workers[0].deadline == nil)
        #expect(pool.handle(.stopRequested(atOnce: true), now: 10) == [.order(worker: 1, .end)])
        #expect(pool.workers[0].deadline == 10 + PoolStateMachine.gracePeriod)
    }

    @Test func `a hung worker is asked, traced and killed`() {
        var pool = PoolScene.serving(1) { $0.requestTime = 1_000 }
        #expect(pool.deadline(now: 0) == 6_000, "if no sample is taken before")
        #expect(pool.handle(.clockAdvanced, now: 5_000) == [.order(worker: 1, .probe(number: 1))])
        #expect(pool.handle(.reported(worker: 1, .probed(number: 99)), now: 5_001).isEmpty)
        #expect(pool.handle(.clockAdvanced, now: 10_999).isEmpty)
        let traced = pool.handle(.clockAdvanced, now: 11_000)
        #expect(traced.contains(.order(worker: 1, .backtrace)))
        #expect(traced.contains(.spawn(worker: 2, generation: 1)), "its successor does not wait for its end")
        #expect(pool.handle(.clockAdvanced, now: 13_000).contains(.signal(worker: 1, SIGKILL)))
    }

    @Test func `a worker is asked when a sample is taken, and its answer seen in the next`() {
        var pool = PoolScene.serving(1)
        var asked: [Int] = []
        for second in 1...21 {
            let sample = [1: WorkerSample(answeredProbe: pool.lastProbeNumber)]
            let orders = pool.handle(.sampled(sample), now: second * 1_000).commands
            if orders.contains(.order(worker: 1, .probe(number: pool.lastProbeNumber))) { asked.append(second) }
            #expect((pool.deadline(now: second * 1_000) ?? .max) > second * 1_000 + 1_000, "nothing else wakes it")
        }
        #expect(asked == [5, 10, 15, 20])
    }

    @Test func `an idle worker that has stopped is noticed as one that is at work`() {
        var pool = PoolScene.serving(1) { $0.requestTime = 1_000 }
        for second in 1...11 {
            let commands = pool.handle(.sampled([1: WorkerSample()]), now: second * 1_000).commands
            #expect(commands.contains(.order(worker: 1, .backtrace)) == (second == 11))
        }
    }

    @Test func `a pool whose last worker could not be started has stopped`() {
        var pool = PoolScene.serving(1)
        _ = pool.handle(.scaled(to: 2), now: 1)
        _ = pool.handle(.stopRequested(atOnce: true), now: 2)
        _ = pool.handle(.ended(worker: 1, .exited(status: 0)), now: 3)
        #expect(pool.handle(.spawnFailed(worker: 2, message: "no memory", exitStatus: 74), now: 4) == [.stopped])
    }

    // MARK: Closed control channels

    @Test func `a worker whose channel closes as it dies has crashed, and has broken no rule`() {
        var pool = PoolScene.serving(1)
        #expect(pool.handle(.controlChannelClosed(worker: 1), now: 10).isEmpty)
        #expect(pool.handle(.controlChannelClosed(worker: 1), now: 11).isEmpty)
        #expect(
            pool.handle(.ended(worker: 1, .killed(signal: SIGSEGV)), now: 20) == [
                .reportCrash(worker: 1, .killed(signal: SIGSEGV), during: "while it served"),
                .spawn(worker: 2, generation: 1),
            ])
        #expect(pool.crashes == 1)
    }

    @Test(arguments: [PoolScene.starting, .loading, .waiting, .serving])
    func `one that hears no orders and lives on is killed after a second`(scene: PoolScene) {
        var (pool, number) = scene.make()
        #expect(pool.handle(.controlChannelClosed(worker: number), now: 10_000).isEmpty)
        #expect(pool.handle(.reported(worker: number, .ready), now: 10_500).isEmpty, "it is not heard either")
        #expect(
            pool.handle(.clockAdvanced, now: 10_999).commands.filter { $0 == .signal(worker: number, SIGKILL) }.isEmpty)
        #expect(pool.handle(.clockAdvanced, now: 11_000).contains(.signal(worker: number, SIGKILL)))
        let end = pool.handle(.ended(worker: number, .killed(signal: SIGKILL)), now: 11_001)
        let told = (end.said + [end.rejection].compactMap(\.self)).contains { $0.contains("no longer receives orders") }
        #expect(told, "\(end)")
    }

    @Test func `one that hears no orders is the first that is too many`() {
        var pool = PoolScene.serving(2)
        _ = pool.handle(.controlChannelClosed(worker: 1), now: 1)
        #expect(pool.handle(.scaled(to: 1), now: 2) == [.order(worker: 1, .drain(handsOver: true))])
        #expect(pool.serving.map(\.number) == [2])
    }

    @Test func `one that drains may go on where it has heard that it is to, and only there`() {
        for hasHeard in [true, false] {
            var pool = PoolScene.serving(1) { $0.drainTime = 0 }
            _ = pool.handle(.stopRequested(atOnce: false), now: 0)
            if hasHeard { _ = pool.handle(.reported(worker: 1, .draining), now: 1) }
            _ = pool.handle(.controlChannelClosed(worker: 1), now: 2)
            #expect(pool.deadline(now: 2) == (hasHeard ? nil : 2 + PoolStateMachine.channelClosedGracePeriod))
        }
        var pool = PoolScene.serving(1)
        _ = pool.handle(.controlChannelClosed(worker: 1), now: 1)
        _ = pool.handle(.drainRequested, now: 2)
        #expect(pool.deadline(now: 2) == 2 + PoolStateMachine.channelClosedGracePeriod)
    }

    @Test func `one that sent a malformed report while it served, and then crashed, has a crash report`() {
        for (signal, isReported) in [(SIGSEGV, true), (SIGKILL, false)] {
            var pool = PoolScene.serving(1)
            _ = pool.handle(.malformedReport(worker: 1), now: 1)
            let crash = PoolCommand.reportCrash(worker: 1, .killed(signal: signal), during: "while it served")
            let actions = pool.handle(.ended(worker: 1, .killed(signal: signal)), now: 2)
            #expect(actions.contains(crash) == isReported)
        }
    }

    // MARK: Loading

    @Test func `an init that ends the process is said with its reason`() throws {
        var pool = PoolScene.pool()
        _ = pool.handle(.started, now: 0)
        _ = pool.handle(.reported(worker: 1, .loading(path: "/m/libA.so")), now: 1)
        let why = "Index out of range, in A.init(context:) at A/A.swift:6"
        let actions = pool.handle(.ended(worker: 1, .killed(signal: SIGILL), why: why), now: 2)
        let message = try #require(actions.startFailure)
        #expect(message.hasPrefix("module /m/libA.so: its init ended the process by signal 4"))
        #expect(message.hasSuffix(": \(why)"))
    }

    @Test func `each module has the time, and what is left of it does not go to the next`() {
        var pool = PoolScene.pool { $0.modules = 2 }
        _ = pool.handle(.started, now: 0)
        func tell(_ report: WorkerReport, _ now: Int) -> PoolDecision {
            pool.handle(.reported(worker: 1, report), now: now)
        }
        _ = tell(.loading(path: "/m/libA.so"), 1_000)
        _ = tell(.loaded(path: "/m/libA.so", name: "A", version: "1"), 20_000)
        #expect(pool.deadline(now: 20_000) == 31_000)
        _ = tell(.loading(path: "/m/libB.so"), 20_001)
        #expect(pool.deadline(now: 20_001) == 50_001)
        _ = tell(.loaded(path: "/m/libB.so", name: "B", version: "1"), 40_000)
        #expect(pool.deadline(now: 40_000) == 70_000, "to become ready")
        #expect(tell(.loading(path: "/m/libA.so"), 40_001) == [.signal(worker: 1, SIGKILL)], "there are only two")
    }

    @Test func `only what is being loaded can have been loaded`() {
        var pool = PoolScene.pool()
        _ = pool.handle(.started, now: 0)
        _ = pool.handle(.reported(worker: 1, .loading(path: "/m/libA.so")), now: 1)
        let other = WorkerReport.loaded(path: "/m/libB.so", name: "B", version: "1")
        #expect(pool.handle(.reported(worker: 1, other), now: 2) == [.signal(worker: 1, SIGKILL)])
    }
}
