import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import Testing

/// One value for a reload: its progress, its outcome, and the requests that wait for its end.
struct ReloadTests {
    private func rules(_ count: Int = 1) -> PoolRules { PoolRules(count: .fixed(count)) }

    private func failure(_ pool: String) -> ReloadFailure {
        ReloadFailure(pool: pool, message: "no database", exitStatus: 85)
    }

    /// Two pools that serve.
    private func running() -> PoolManager {
        var manager = PoolManager()
        _ = manager.start([("api", rules()), ("web", rules())], seed: 1, now: 0)
        for pool in ["api", "web"] { _ = manager.handle(.pool(pool, .reported(worker: 1, .ready)), now: 1) }
        return manager
    }

    // MARK: Numbers

    @Test func `a reload returns the numbers under which its commands start workers`() {
        var manager = running()
        let changes: [PoolChange] = [
            .added("new", rules(), seed: 1), .replaced("api", rules()), .replaced("web", rules()),
        ]
        let begun = manager.beginReload(changes, now: 2)
        #expect(begun.candidates == ["new": 1, "api": 2, "web": 2])
        let spawned = begun.commands.compactMap { command -> [String: Int]? in
            if case .pool(let pool, .spawn(_, let generation)) = command { [pool: generation] } else { nil }
        }
        #expect(spawned == [["new": 1], ["api": 2], ["web": 2]])
        #expect(manager.reload?.candidates == begun.candidates)
    }

    @Test func `a number is given once, whether its candidate was rejected or not`() {
        var manager = running()
        _ = manager.beginReload([.replaced("web", rules())], now: 2)
        _ = manager.handle(.pool("web", .ended(worker: 2, .exited(status: 3))), now: 3)
        #expect(manager.reload == nil)
        #expect(manager.beginReload([.replaced("web", rules())], now: 4).candidates == ["web": 3])
    }

    @Test func `a pool that is about to go has no candidate, and is rejected at once`() {
        var manager = running()
        _ = manager.beginReload([.removed("api")], now: 2)
        let begun = manager.beginReload([.replaced("api", rules())], now: 3)
        #expect(begun.candidates.isEmpty)
        guard case .endReload(let progress)? = begun.commands.last else { return #expect(Bool(false), "\(begun)") }
        #expect(progress.failures.map(\.pool) == ["api"])
    }

    @Test func `a second reload does not begin before the first has ended`() {
        var manager = running()
        _ = manager.beginReload([.replaced("web", rules())], now: 2)
        let second = manager.beginReload([.replaced("api", rules())], now: 3)
        #expect(second.candidates.isEmpty && second.commands.isEmpty)
    }

    // MARK: Progress

    @Test func `a reload is over when each pool is promoted or rejected`() {
        var progress = ReloadProgress(rejected: [failure("api")])
        progress.add("web", candidate: 4)
        progress.add("new", candidate: 1)
        #expect(!progress.isOver && progress.candidates == ["web": 4, "new": 1])
        progress.settle("web", nil)
        progress.settle("web", failure("web"))
        #expect(!progress.isOver, "what has been settled stays so")
        progress.settle("old", failure("old"))
        progress.settle("new", failure("new"))
        #expect(progress.isOver && progress.failures.map(\.pool) == ["api", "new"])
        #expect(progress.outcomes == ["api": .rejected, "web": .promoted, "new": .rejected])
    }

    @Test func `a reload that changes nothing is over at once, with what could not be prepared`() {
        var manager = running()
        let commands = manager.beginReload([], rejected: [failure("web")], now: 2).commands
        #expect(commands == [.endReload(ReloadProgress(rejected: [failure("web")]))] && manager.reload == nil)
    }

    @Test func `rejected pools stay as they were, and so do those that were not named`() {
        func pool(_ name: String, _ loops: Int) -> PoolConfiguration {
            var pool = PoolConfiguration(name: name)
            pool.eventLoops = loops
            return pool
        }
        let old = [pool("api", 1), pool("web", 1)]
        let new = Configuration(pools: [pool("api", 2), pool("web", 2), pool("new", 2)])
        func outcome(_ only: String?, _ failed: [String]) -> [String: Int] {
            let reload = Reload(request: ReloadRequest(pool: only), configuration: new)
            let pools = reload.outcome(ReloadProgress(rejected: failed.map(failure)), of: old)
            return Dictionary(uniqueKeysWithValues: pools.map { ($0.name, $0.eventLoops) })
        }
        #expect(outcome(nil, []) == ["api": 2, "web": 2, "new": 2])
        #expect(outcome(nil, ["web", "new"]) == ["api": 2, "web": 1])
        #expect(outcome("web", []) == ["api": 1, "web": 2])
        #expect(outcome("web", ["web"]) == ["api": 1, "web": 1])
    }

    // MARK: Requests

    @Test func `requests for the same pool are merged, and others stay apart`() {
        func client() -> ControlClient { ControlClient(descriptor: socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)) }
        var reloads = Reloads(loadedAt: 0)
        for pool in ["web", nil, "web", nil, "api"] { reloads.add(pool: pool, client()) }
        reloads.add(pool: nil, nil)
        #expect(
            reloads.waiting.map(\.pool) == ["web", nil, "api"] && reloads.waiting.map(\.waiters.count) == [2, 2, 1])
        let first = reloads.takeNext()
        #expect(first?.pool == "web" && first?.isForced == false && reloads.waiting.count == 2)
        reloads.current = first.map { Reload(request: $0, configuration: Configuration(pools: [])) }
        #expect(reloads.giveUp().count == 5 && reloads.takeNext() == nil)
        #expect(reloads.giveUp().isEmpty && reloads.current != nil, "each command is answered once")
    }

    // MARK: Rejected candidates

    @Test func `a renewal that fails again and again leaves no configuration behind`() throws {
        var rules = PoolRules(count: .fixed(1))
        rules.stopSignal = SIGTERM
        rules.recycling.age = 10_000
        var machine = PoolStateMachine(rules: rules, seed: 1)
        _ = machine.handle(.started, now: 0)
        _ = machine.handle(.answered(worker: 1), now: 0)
        let configuration = PoolConfiguration(name: "web")
        let processes = try PoolProcesses(configuration, modules: ModuleFingerprints(of: configuration))
        func carryOut(_ decision: PoolDecision) {
            for case .prepare(let generation, let earlier) in decision.commands {
                processes.prepare(generation: generation, like: earlier)
            }
            for case .reject(_) in decision.commands {
                processes.forgetUnusedGenerations(except: machine.generationsInUse)
            }
        }
        for minute in 1...20 {
            carryOut(machine.handle(.sampled([:]), now: minute * 60_000))
            let number = try #require(machine.workers.last?.number)
            #expect(processes.configurations.keys.sorted() == [1, machine.lastGeneration])
            carryOut(machine.handle(.ended(worker: number, .exited(status: 3)), now: minute * 60_000 + 1))
            #expect(processes.configurations.keys.sorted() == [1])
        }
        #expect(machine.lastGeneration == 21)
    }
}
