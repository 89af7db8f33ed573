import GatehouseConfiguration
internal import GatehousePlan
internal import Glibc

/// A pool's part of the state, written by the old program and read by the new one.
extension UpgradeState.Pool {
    init(_ processes: PoolProcesses, _ machine: PoolStateMachine) {
        name = processes.name
        balance = processes.balance
        culprits = processes.culprits
        endpoints = processes.configuration.endpoints.map(\.description)
        generation = machine.lastGeneration
        crashes = machine.crashes
        spawned = machine.spawned
        workers = machine.workers.compactMap { known in
            processes.workers[known.number].map { worker in
                UpgradeState.Worker(
                    facts: worker.facts, isServing: known.canServe, endpoints: worker.listeners,
                    drainTime: known.rules.drainTime, requestTime: known.rules.requestTime,
                    stopSignal: known.rules.stopSignal, isDraining: known.state == .draining,
                    hasStoppedAccepting: known.hasStoppedAccepting, deadline: known.deadline,
                    databases: worker.databases, jobs: worker.jobs)
            }
        }
        servingGeneration = machine.generation
        lastWorker = machine.lastWorker
        isDrained = machine.phase == .drained
        startFailure = machine.startFailure
        past = processes.past
        lastCrash = processes.lastCrash
        longestQueues = Dictionary(processes.longestQueue.map { ($0.key.description, $0.value) }, uniquingKeysWith: max)
        quarantine = processes.quarantine.records
        handedOver = processes.handedOver.waiting
    }

    var inherited: InheritedPool {
        InheritedPool(
            workers: workers.map(\.inherited), generation: generationThatServes, lastGeneration: generation,
            lastWorker: max(lastWorker ?? 0, workers.map(\.facts.number).max() ?? 0), isDrained: isDrained ?? false,
            startFailure: startFailure, crashes: crashes, spawned: spawned)
    }

    var generationThatServes: Int {
        servingGeneration ?? workers.filter(\.isServing).map(\.facts.generation).max() ?? generation
    }
}

extension UpgradeState.Worker {
    fileprivate var inherited: InheritedPool.Worker {
        var limits = LimitsPlan()
        if let drainTime { limits[.drain] = drainTime }
        if let requestTime { limits[.request] = requestTime }
        var rules = PoolRules(limits)
        rules.stopSignal = stopSignal ?? (facts.isProgram ? SIGTERM : nil)
        return InheritedPool.Worker(
            number: facts.number, generation: facts.generation, startedAt: facts.started, isServing: isServing,
            isDraining: isDraining, hasStoppedAccepting: hasStoppedAccepting ?? false, deadline: deadline, rules: rules)
    }
}
