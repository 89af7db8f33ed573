import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Glibc

/// A pool with one worker in a certain state, reached by events alone.
enum PoolScene: String, CaseIterable {
    case starting, loading, waiting, serving, draining, tracing, failed, killed

    static let path = "/m/libA.so"

    static func pool(_ change: (inout PoolRules) -> Void = { _ in }) -> PoolStateMachine {
        var rules = PoolRules()
        rules.count = .fixed(1)
        change(&rules)
        return PoolStateMachine(rules: rules, seed: 1)
    }

    /// A pool of so many workers that serve, at 0.
    static func serving(_ count: Int, _ change: (inout PoolRules) -> Void = { _ in }) -> PoolStateMachine {
        var pool = pool {
            $0.count = .fixed(count)
            change(&$0)
        }
        _ = pool.handle(.started, now: 0)
        for number in 1...count { _ = pool.handle(.reported(worker: number, .ready), now: 0) }
        return pool
    }

    /// The pool, and the number of the worker that is in this state at 10,000. Another one, number 1, serves.
    func make() -> (pool: PoolStateMachine, number: Int) {
        var pool = Self.serving(1)
        let now = 10_000
        if self == .waiting {
            // One of two candidates is ready.
            var rules = pool.rules
            rules.count = .fixed(2)
            _ = pool.replace(rules, at: now)
            _ = pool.handle(.reported(worker: 2, .ready), now: now)
            return (pool, 2)
        }
        _ = pool.handle(.scaled(to: 2), now: now)
        let number = 2
        func tell(_ report: WorkerReport) { _ = pool.handle(.reported(worker: number, report), now: now) }
        switch self {
        case .starting, .waiting: break
        case .loading: tell(.loading(path: Self.path))
        case .serving: tell(.ready)
        case .draining:
            tell(.ready)
            _ = pool.handle(.scaled(to: 1), now: now)
        case .tracing:
            tell(.ready)
            _ = pool.handle(.clockAdvanced, now: now + PoolStateMachine.probeInterval)
            _ = pool.handle(.reported(worker: 1, .probed(number: pool.lastProbeNumber - 1)), now: now)
            _ = pool.handle(.reported(worker: 1, .probed(number: pool.lastProbeNumber)), now: now)
            _ = pool.handle(.clockAdvanced, now: now + PoolStateMachine.probeInterval + 305_000)
        case .failed: tell(.failed(path: Self.path, message: "no", exitStatus: 85))
        case .killed: _ = pool.handle(.scaled(to: 1), now: now)
        }
        return (pool, number)
    }
}

extension SupervisedWorker.State {
    var name: String {
        switch self {
        case .starting: "starting"
        case .loading: "loading"
        case .waiting: "waiting"
        case .serving: "serving"
        case .draining: "draining"
        case .tracing: "tracing"
        case .failed: "failed"
        case .killed: "killed"
        }
    }
}
