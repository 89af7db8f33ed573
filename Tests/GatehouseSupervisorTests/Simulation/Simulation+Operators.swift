import GatehouseConfiguration
@testable import GatehouseSupervisor
import Glibc
import TestSupport

/// Actions of operators.
extension Simulation {
    static func randomRules(_ random: inout SeededGenerator) -> PoolRules {
        var rules = PoolRules()
        let idle = random.within(200...3_000)
        switch random.within(0...5) {
        case 0...2: rules.count = .fixed(random.within(1...4))
        case 3, 4:
            let least = random.within(1...2)
            rules.count = .scaled(
                min: least, max: least + random.within(0...4), spare: random.within(0...2), idle: idle)
        default: rules.count = .onDemand(max: random.within(1...3), idle: idle)
        }
        if random.percent(30) { rules.recycling.requests = 1_000 }
        if random.percent(20) { rules.recycling.age = random.within(8_000...20_000) }
        if random.percent(20) { rules.recycling.memory = 256 << 20 }
        rules.loadTime = random.within(400...3_000)
        rules.drainTime = random.within(300...2_000)
        rules.requestTime = random.within(500...3_000)
        if random.percent(15) { rules.stopSignal = SIGTERM }
        return rules
    }

    mutating func operate() throws(Violation) {
        let pools = poolManager.pools.keys.sorted()
        guard let pool = pools.randomElement(using: &random) else { return }
        switch random.within(0...11) {
        case 0...2: try reload()
        case 3:
            // Row E3: 25 signals within 25 ms.
            for _ in 0..<25 { schedule(random.within(0...24), .emptyReload) }
            for _ in 0..<25 where random.percent(20) { try reload() }
        case 4: try handle(.pool(pool, .scaled(to: random.within(1...6))))
        case 5: try handle(.pool(pool, .drainRequested))
        case 6...8: killSomebody(pool)
        case 9: try addOrRemove()
        default:
            if poolManager.pools[pool]?.waitsForConnection == true { try handle(.pool(pool, .connectionWaits)) }
        }
    }

    /// Reloads as the supervisor does: one at a time, and once more if that was asked for meanwhile.
    mutating func reload() throws(Violation) {
        guard poolManager.reload == nil, poolManager.phase == .running else { return wantsReload = true }
        var changes: [PoolChange] = []
        var bad: Set<String> = []
        for pool in poolManager.pools.keys.sorted() where random.percent(70) {
            // A pool that did not change gets a command only if it was scaled.
            let known = poolManager.pools[pool]
            let isKept = known?.scaledTo != nil && known?.phase == .running && random.percent(30)
            if !isKept, random.percent(30) { bad.insert(pool) }
            changes.append(isKept ? .unscaled(pool) : .replaced(pool, Self.randomRules(&random)))
        }
        try beginReload(changes, bad: bad)
    }

    /// Notes which generation a change tries, and whether it is any good.
    mutating func note(_ change: PoolChange, _ candidates: [String: Int], bad: Set<String>) {
        switch change {
        case .added(let pool, let rules, _), .replaced(let pool, let rules):
            guard let generation = candidates[pool] else { return }
            awaitedGenerations[pool] = generation
            if bad.contains(pool) { badGenerations[pool, default: []].insert(generation) }
            if rules.isProgram { programs[pool, default: []].insert(generation) }
        case .removed, .unscaled: break
        }
    }

    private mutating func addOrRemove() throws(Violation) {
        guard poolManager.reload == nil, poolManager.phase == .running else { return }
        if let extra = poolManager.pools.keys.sorted().first(where: { $0.hasPrefix("extra") }) {
            try beginReload([.removed(extra)])
        } else {
            let name = "extra\(random.within(0...1))"
            let new = Self.randomRules(&random)
            // A pool that waits for its first connection cannot show yet whether it is any good.
            let isBad = random.percent(30) && new.count.least > 0
            expectedGenerations[name] = PoolStateMachine.firstGeneration
            try beginReload([.added(name, new, seed: random.next())], bad: isBad ? [name] : [])
        }
    }

    private mutating func killSomebody(_ pool: String) {
        guard let number = processes[pool, default: [:]].keys.sorted().randomElement(using: &random) else { return }
        let signal = [SIGKILL, SIGKILL, SIGSEGV, SIGABRT].randomElement(using: &random) ?? SIGKILL
        schedule(0, .dies(pool, number, .killed(signal: signal)))
    }

    mutating func reloadEnded(_ failures: [ReloadFailure]) {
        lastFailures = failures
        guard wantsReload else { return }
        wantsReload = false
        schedule(0, .reloadAgain)
    }
}
