import GatehouseConfiguration
@testable import GatehouseSupervisor
import Glibc
import TestSupport

/// What operators do.
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
            for _ in 0..<25 { schedule(random.within(0...24), .event(.reloaded([]))) }
            for _ in 0..<25 where random.percent(20) { try reload() }
        case 4: try handle(.pool(pool, .scaled(to: random.within(1...6))))
        case 5: try handle(.pool(pool, .drainRequested))
        case 6...8: killSomebody(pool)
        case 9: try addOrRemove()
        default:
            if poolManager.pools[pool]?.waitsForConnection == true { try handle(.pool(pool, .connectionWaits)) }
        }
    }

    /// As the supervisor does it: one at a time, and once more after it where somebody has asked meanwhile.
    mutating func reload() throws(Violation) {
        guard poolManager.reloading == nil, poolManager.phase == .running else { return wantsReload = true }
        var changes: [PoolChange] = []
        for pool in poolManager.pools.keys.sorted() where random.percent(70) {
            // A pool that did not change is only told where it was scaled.
            let known = poolManager.pools[pool]
            let isKept = known?.scaledTo != nil && known?.phase == .running && random.percent(30)
            changes.append(isKept ? .unscaled(pool) : change(pool))
        }
        try handle(.reloaded(changes))
    }

    private mutating func change(_ pool: String) -> PoolChange {
        let generation = (poolManager.pools[pool]?.lastGeneration ?? 0) + 1
        if random.percent(30) { badGenerations[pool, default: []].insert(generation) }
        awaitedGenerations[pool] = generation
        let new = Self.randomRules(&random)
        if new.isProgram { programs[pool, default: []].insert(generation) }
        return .replaced(pool, new)
    }

    private mutating func addOrRemove() throws(Violation) {
        guard poolManager.reloading == nil, poolManager.phase == .running else { return }
        if let extra = poolManager.pools.keys.sorted().first(where: { $0.hasPrefix("extra") }) {
            try handle(.reloaded([.removed(extra)]))
        } else {
            let name = "extra\(random.within(0...1))"
            let new = Self.randomRules(&random)
            if new.isProgram { programs[name] = [1] }
            // Of a pool that waits for its first connection nobody knows yet whether it is any good.
            if random.percent(30), new.count.least > 0 { badGenerations[name] = [1] }
            expectedGenerations[name] = 1
            awaitedGenerations[name] = 1
            try handle(.reloaded([.added(name, new, seed: random.next())]))
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
