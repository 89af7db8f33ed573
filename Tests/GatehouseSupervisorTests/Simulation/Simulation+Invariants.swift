import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc

/// Invariants that are checked after every step.
extension Simulation {
    /// Number of each pool's processes that take requests at this moment, without candidates.
    var servingCounts: [String: Int] {
        poolManager.pools.reduce(into: [:]) { counts, entry in counts[entry.key] = serving(entry.key, entry.value).count
        }
    }

    private func serving(_ name: String, _ pool: PoolStateMachine) -> [SimulatedProcess] {
        processes[name, default: [:]].values.filter { $0.isServing && $0.generation <= pool.generation }
    }

    /// - Parameter event: the cause; `nil` for a reload.
    func checkInvariants(
        _ event: PoolManagerEvent?, _ actions: [PoolManagerCommand], _ before: [String: Int]
    ) throws(Violation) {
        if announcements > 1 { throw Violation(description: "ready was announced twice") }
        for (name, pool) in poolManager.pools {
            try checkNumbers(name, pool)
            try checkService(name, pool, event, actions, before[name] ?? 0)
        }
        for name in processes.keys where poolManager.pools[name] == nil && !processes[name, default: [:]].isEmpty {
            throw Violation(description: "\(name) is no pool any more, and has workers")
        }
    }

    /// Never more workers than are allowed, and none that the supervisor does not know of.
    private func checkNumbers(_ name: String, _ pool: PoolStateMachine) throws(Violation) {
        let known = Set(pool.workers.map(\.number))
        let alive = Set(processes[name, default: [:]].keys)
        guard known == alive else {
            throw Violation(description: "\(name): it has the workers \(alive.sorted()), and knows \(known.sorted())")
        }
        let wanted = pool.workers.filter(\.isWanted)
        let numbers = Set(wanted.map(\.number))
        func isSuccessor(_ worker: SupervisedWorker) -> Bool { worker.successorOf.map(numbers.contains) ?? false }
        let current = wanted.filter { $0.generation == pool.generation }
        let serving = current.filter { !isSuccessor($0) }
        if pool.phase != .stopping, serving.count > pool.wanted {
            throw Violation(
                description: "\(name): \(serving.count) workers, \(pool.wanted) are wanted: \(pool.workers)")
        }
        let successors = current.filter(isSuccessor)
        if successors.count > max(1, serving.count) {
            throw Violation(description: "\(name): \(successors.count) are recycled at once")
        }
        let candidates = wanted.filter { $0.generation == pool.candidate?.generation }
        if candidates.count > pool.candidate?.count ?? 0 {
            throw Violation(description: "\(name): \(candidates.count) workers are on trial")
        }
        if wanted.count > serving.count + successors.count + candidates.count {
            throw Violation(description: "\(name): a worker of a generation that is over is still wanted")
        }
        // The number of leaving workers is bounded by the pace of replacement.
        let most = (pool.count.most + (pool.candidate?.count ?? 0)) * 3 + 1 + RespawnLimit.most
        if alive.count > most { throw Violation(description: "\(name): \(alive.count) processes, \(most) are plenty") }
    }

    /// No decision but to kill a worker that is out of order leaves a pool without a worker that serves.
    private func checkService(
        _ name: String, _ pool: PoolStateMachine, _ event: PoolManagerEvent?, _ actions: [PoolManagerCommand],
        _ before: Int
    ) throws(Violation) {
        guard before > 0, serving(name, pool).isEmpty else { return }
        guard pool.phase == .running else { return }
        // Nobody can know yet that this one has died.
        if pool.serving.contains(where: { processes[name]?[$0.number]?.isOver == true }) { return }
        if actions.contains(where: { if case .pool(name, .order(_, .backtrace)) = $0 { true } else { false } }) {
            return
        }
        switch event {
        case .pool(name, .malformedReport): return
        case .pool(name, .sampled) where pool.wanted == 0: return
        case .pool, .stopRequested, .clockAdvanced, nil:
            let cause = event.map { "\($0)" } ?? "a reload"
            throw Violation(description: "\(name): \(cause) has left nobody who serves: \(actions)")
        }
    }

    /// Row E3: when the storm is over, as many as are wanted serve, of the newest generation that is any good.
    func checkCalm() throws(Violation) {
        guard poolManager.phase == .running else {
            throw Violation(description: "the supervisor is \(poolManager.phase)")
        }
        if poolManager.reload != nil { throw Violation(description: "a reload has not ended") }
        for (name, pool) in poolManager.pools {
            let all = processes[name, default: [:]].values
            let serving = all.filter(\.isServing)
            if pool.phase == .drained {
                guard all.isEmpty else {
                    throw Violation(description: "\(name) is drained, and has \(all.count) workers")
                }
                continue
            }
            guard serving.count == pool.wanted, all.count == serving.count else {
                throw Violation(
                    description: "\(name): \(serving.count) of \(all.count) workers serve, \(pool.wanted) are wanted: "
                        + "\(pool.workers)")
            }
            guard pool.wanted >= pool.count.least, pool.wanted <= pool.count.most else {
                throw Violation(description: "\(name): \(pool.wanted) are wanted, of \(pool.count)")
            }
            guard serving.allSatisfy({ $0.generation == expectedGenerations[name] }) else {
                throw Violation(
                    description: "\(name): generations \(serving.map(\.generation)) serve, not "
                        + "\(expectedGenerations[name] ?? 0)")
            }
        }
    }
}

/// An invariant that does not hold.
struct Violation: Error, CustomStringConvertible {
    var description: String
}
