/// A pool as the supervisor before this one left it.
struct InheritedPool: Equatable, Sendable {
    struct Worker: Equatable, Sendable {
        var number: Int
        var generation: Int
        var startedAt: Int
        /// Whether it accepts.
        var isServing: Bool
        /// Whether it was told to leave; `nil` if an earlier version did not say.
        var isDraining: Bool?
        var hasStoppedAccepting = false
        /// The end of its time to drain; `nil` is never.
        var deadline: Int?
        /// The rules that it was started with; the configuration may say otherwise by now.
        var rules: PoolRules
    }

    var workers: [Worker] = []
    /// The generation that serves, and the last numbers that were given.
    var generation = PoolStateMachine.firstGeneration
    var lastGeneration = PoolStateMachine.firstGeneration
    var lastWorker = 0
    var isDrained = false
    /// The reason why no worker serves; `nil` if one does.
    var startFailure: String?
    var crashes = 0
    var spawned = 0
}

extension PoolStateMachine {
    /// Goes on with workers that the supervisor before this one started. Missing ones are started by the clock.
    mutating func inherit(_ left: InheritedPool, _ now: Int) -> [PoolCommand] {
        (generation, lastGeneration, lastWorker) = (left.generation, left.lastGeneration, left.lastWorker)
        (crashes, spawned) = (left.crashes, left.spawned)
        var commands: [PoolCommand] = []
        for known in left.workers {
            workers.append(Self.worker(known, now))
            let index = workers.count - 1
            if known.isServing { continue }
            // A worker that neither serves nor drains has nothing that it could finish.
            commands += known.isDraining == false ? kill(index) : drain(index, handsOver: false, now)
        }
        wanted = left.isDrained ? 0 : max(wanted, regular.count)
        startFailure = left.startFailure
        if left.isDrained {
            enter(.drained)
        } else if startFailure != nil, serving.isEmpty {
            enter(.failed)
            wanted = max(1, wanted)
        } else {
            enter(.running)
        }
        return commands
    }

    private static func worker(_ known: InheritedPool.Worker, _ now: Int) -> SupervisedWorker {
        let state: SupervisedWorker.State =
            switch (known.isServing, known.isDraining) {
            case (true, _), (false, nil): .serving
            // Its drain time goes on. It gets no second signal, which tells many programs to quit at once.
            case (false, true?): .draining
            case (false, false?): .starting
            }
        var worker = SupervisedWorker(
            number: known.number, generation: known.generation, rules: known.rules, startedAt: known.startedAt,
            state: state)
        worker.servesSince = now
        worker.lastActivity = now
        if state == .draining {
            worker.deadline = known.deadline
            worker.hasStoppedAccepting = known.hasStoppedAccepting
        }
        return worker
    }
}
