@testable import GatehouseSupervisor
import Testing

/// The tables of allowed transitions, which every change of a state is checked against in debug builds.
struct TransitionTests {
    @Test func `each stage of a worker can be reached, and leads to its end`() {
        let allowed = SupervisedWorker.allowed
        #expect(Set(allowed.keys) == Set(SupervisedWorker.Stage.allCases))
        #expect(reachable(from: .starting, by: allowed) == Set(SupervisedWorker.Stage.allCases))
        for stage in SupervisedWorker.Stage.allCases {
            #expect(reachable(from: stage, by: allowed).contains(.killed), "\(stage)")
        }
        #expect(allowed[.killed] == [], "who is killed stays so")
    }

    @Test func `each phase of a pool can be reached, and leads to its end`() {
        let allowed = PoolStateMachine.Phase.allowed
        #expect(Set(allowed.keys) == Set(PoolStateMachine.Phase.allCases))
        #expect(reachable(from: .starting, by: allowed) == Set(PoolStateMachine.Phase.allCases))
        for phase in PoolStateMachine.Phase.allCases {
            #expect(reachable(from: phase, by: allowed).contains(.stopped), "\(phase)")
        }
        #expect(allowed[.stopped] == [])
    }

    private func reachable<State: Hashable>(from first: State, by allowed: [State: Set<State>]) -> Set<State> {
        var found: Set<State> = [first]
        var new = found
        while !new.isEmpty {
            new = Set(new.flatMap { allowed[$0] ?? [] }).subtracting(found)
            found.formUnion(new)
        }
        return found
    }
}
