import FoundationEssentials
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc
import Testing

/// The state that goes from one supervisor to the next.
struct UpgradeStateTests {
    private static let facts = WorkerFacts(
        number: 7, generation: 2, pid: 4_711, startedAt: 1_700_000_000, started: 5_000, control: 10, handOver: 11,
        output: 12, scoreboard: 13, crashFile: 14, balanceCell: 3)

    private var state: UpgradeState {
        let worker = UpgradeState.Worker(
            facts: Self.facts, isServing: true, endpoints: ["fastcgi:/run/web.sock"], drainTime: 1_000,
            requestTime: 2_000, isDraining: false, deadline: 6_000)
        var pool = UpgradeState.Pool(
            name: "web", balance: 9, generation: 4, crashes: 5, spawned: 8, workers: [worker])
        pool.servingGeneration = 2
        pool.lastWorker = 20
        pool.past = ScoreboardReader.Totals(requests: 100, accepted: 10, failures: 1, bodyBytes: 2, responseBytes: 3)
        pool.lastCrash = "worker 3 was killed"
        pool.longestQueues = ["fastcgi:/run/web.sock": 17]
        pool.quarantine = [
            Quarantine.Route(method: "GET", path: "/a b\u{1}"): Quarantine.Record(crashes: [1, 2], until: 9_000)
        ]
        var state = UpgradeState(startedAt: 1, started: 2)
        state.pools = [pool]
        state.clients = [15]
        return state
    }

    @Test func `everything arrives`() throws {
        let file = try UpgradeFile.write(state)
        defer { close(file) }
        #expect(try UpgradeFile.read(file) == state)
    }

    @Test func `every descriptor that is there is inherited`() {
        var state = state
        state.pools[0].workers[0].facts.handOver = -1
        #expect(state.descriptors.sorted() == [9, 10, 12, 13, 14, 15])
    }

    @Test func `what a pool has counted goes on, and each worker is held to what it was started with`() {
        var rules = PoolRules()
        (rules.drainTime, rules.requestTime) = (1_000, 2_000)
        #expect(
            state.pools[0].inherited
                == InheritedPool(
                    workers: [
                        InheritedPool.Worker(
                            number: 7, generation: 2, startedAt: 5_000, isServing: true, isDraining: false,
                            deadline: 6_000, rules: rules)
                    ],
                    generation: 2, lastGeneration: 4, lastWorker: 20, crashes: 5, spawned: 8))
    }

    /// As it was before counters were part of it.
    @Test func `the file of an earlier program is understood`() throws {
        func worker(_ number: Int, _ generation: Int, isServing: Bool, scoreboard: Int) -> String {
            """
            {"isServing":\(isServing),"endpoints":["fastcgi:/run/web.sock"],"facts":{"number":\(number),
             "generation":\(generation),"pid":1,"startedAt":1,"started":2,"control":-1,"passing":-1,"output":12,
             "scoreboard":\(scoreboard),"crashFile":-1,"balanceCell":0}}
            """
        }
        let text = """
            {"version":1,"sockets":[],"clients":[],"startedAt":1,"started":2,"pools":[{"name":"web","balance":9,
             "generation":4,"crashes":5,"spawned":8,"workers":[\(worker(7, 2, isServing: true, scoreboard: 13)),
             \(worker(8, 4, isServing: false, scoreboard: -1))]}]}
            """
        let pool = try #require(try JSONDecoder().decode(UpgradeState.self, from: Data(text.utf8)).pools.first)
        let inherited = pool.inherited
        #expect(inherited.generation == 2, "that of those who serve")
        #expect((inherited.lastGeneration, inherited.lastWorker, inherited.crashes, inherited.spawned) == (4, 8, 5, 8))
        #expect(inherited.workers.map(\.isDraining) == [nil, nil])
        #expect(inherited.workers.map(\.rules.stopSignal) == [nil, SIGTERM], "without a scoreboard it is a program")
    }

    @Test func `what is not understood is refused`() throws {
        var state = state
        state.version = UpgradeState.currentVersion + 1
        let file = try UpgradeFile.write(state)
        defer { close(file) }
        #expect(throws: OperatorError.self) { try UpgradeFile.read(file) }
    }
}
