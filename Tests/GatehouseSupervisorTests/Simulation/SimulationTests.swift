import GatehouseConfiguration
@testable import GatehouseSupervisor
import Glibc
import TestSupport
import Testing

/// Schedules from seeds. `SIMULATION_SEED=n swift test --filter Simulation` replays one and prints it;
/// `SIMULATION_COUNT=n` runs that many.
struct SimulationTests {
    private static func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }

    /// Runs a schedule for each seed; a failure says which.
    private func simulate(_ count: Int, _ body: (inout Simulation) throws(Violation) -> Void) {
        let only = Self.number("SIMULATION_SEED")
        let seeds = only.map { $0...$0 } ?? 1...(Self.number("SIMULATION_COUNT") ?? count)
        var failures = 0
        for seed in seeds where failures < 3 {
            var simulation = Simulation(seed: UInt64(seed))
            simulation.isTracing = only != nil
            do throws(Violation) { try body(&simulation) } catch {
                failures += 1
                Issue.record("SIMULATION_SEED=\(seed): \(error) at \(simulation.now)")
            }
            for line in simulation.trace { print(line) }
        }
    }

    /// Signals, kills and commands come in any order (row E3).
    @Test func `after any storm the newest good generation serves with as many workers as are wanted`() {
        var steps = 0
        simulate(200) { simulation throws(Violation) in
            defer { steps += simulation.steps }
            try weather(&simulation)
        }
        #expect(steps > 0)
    }

    private func weather(_ simulation: inout Simulation) throws(Violation) {
        let startsWildly = simulation.random.percent(10)
        if startsWildly { makeWild(&simulation) }
        var pools = [("web", Simulation.randomRules(&simulation.random))]
        if simulation.random.percent(50) { pools.append(("api", Simulation.randomRules(&simulation.random))) }
        try simulation.start(pools)
        // If workers crash from the start, the outcome may take a while.
        for _ in 0..<60 where simulation.poolManager.phase == .starting { try simulation.run(for: 1_000) }
        if case .stopping = simulation.poolManager.phase {
            guard startsWildly else { throw Violation(description: "good workers cannot be started") }
            try simulation.run(for: 20_000)
            return try checkEnd(simulation, status: nil)
        }
        makeWild(&simulation)
        simulation.schedule(0, .operation)
        try simulation.run(for: simulation.random.within(1_000...8_000))

        simulation.isStormy = false
        simulation.failingStarts = 0
        simulation.makeBehaviour = { random, _ in .good(&random) }
        simulation.samplesEvery = 2_000
        try becomeCalm(&simulation)

        try simulation.handle(.stopRequested(atOnce: simulation.random.percent(50)))
        try simulation.run(for: 20_000)
        try checkEnd(simulation, status: 0)
    }

    private func makeWild(_ simulation: inout Simulation) {
        simulation.isStormy = true
        simulation.failingStarts = simulation.random.percent(30) ? 10 : 0
        simulation.makeBehaviour = { random, _ in .wild(&random) }
    }

    /// In two minutes at the latest, because those who crashed often come back slowly.
    private func becomeCalm(_ simulation: inout Simulation) throws(Violation) {
        try simulation.run(for: 3_000)
        let end = simulation.now + 120_000
        while simulation.now < end {
            do throws(Violation) { return try simulation.checkCalm() } catch {}
            try simulation.run(for: 470)
        }
        try simulation.checkCalm()
    }

    private func checkEnd(_ simulation: Simulation, status: Int32?) throws(Violation) {
        guard let found = simulation.exitStatus else { throw Violation(description: "the supervisor does not leave") }
        guard simulation.processes.values.allSatisfy(\.isEmpty) else {
            throw Violation(description: "the supervisor has left, and there are \(simulation.processes)")
        }
        guard status.map({ $0 == found }) ?? (found != 0) else {
            throw Violation(description: "the supervisor has left with status \(found)")
        }
    }

    /// A module that cannot stay up does not keep the supervisor busy (row E2).
    @Test(arguments: Behaviour.Flaw.allCases)
    func `a crash loop starts at most twenty workers a minute`(flaw: Behaviour.Flaw) {
        simulate(3) { simulation throws(Violation) in
            let count = simulation.random.within(1...8)
            let after = simulation.random.percent(50) ? 10 : simulation.random.within(10...900)
            let atStart =
                simulation.random.percent(30) && flaw != .hangs && flaw != .drainsItself
                && flaw != .drainsItselfAndStays
            var rules = PoolRules()
            rules.count = .fixed(count)
            rules.drainTime = 1_000
            rules.requestTime = 1_000
            simulation.makeBehaviour = { random, number in
                var behaviour = Behaviour.good(&random)
                behaviour.loads = 10
                // The first start is a success, or there would be no supervisor.
                if atStart, number > count { behaviour.flawAtStart = flaw } else { behaviour.flawLater = (flaw, after) }
                return behaviour
            }
            try simulation.start([("web", rules)])
            try simulation.run(for: 200_000)
            let starts = simulation.starts["web", default: []].dropFirst(count)
            for (first, last) in zip(starts, starts.dropFirst(RespawnLimit.most))
            where last - first < RespawnLimit.window {
                throw Violation(description: "more than \(RespawnLimit.most) starts from \(first) to \(last)")
            }
            if starts.isEmpty { throw Violation(description: "nothing was started again") }
        }
    }
}
