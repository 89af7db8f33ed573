import GatehouseConfiguration
import GatehousePlan
internal import GatehouseSystem

/// The first start, and the end.
extension Supervisor {
    func start() throws(OperatorError) {
        nextSample = MonotonicClock.milliseconds() + sampleInterval
        if let upgrade { return try takeOver(upgrade) }
        try log.use(configuration.settings.log)
        try checkStateFolder()
        var failures: [ReloadFailure] = []
        for pool in configuration.pools {
            let processes = try PoolProcesses(pool, modules: ModuleFingerprints(of: pool))
            sayIfNotCopied(processes, generation: PoolStateMachine.firstGeneration)
            pools[pool.name] = processes
            do throws(OperatorError) {
                try openMissing(pool, processes)
            } catch {
                // The only pool's message goes to the command line, as it does if no pool can be started.
                if configuration.pools.count == 1 { throw error }
                failures.append(
                    ReloadFailure(pool: pool.name, message: error.message, exitStatus: error.exitStatus.rawValue))
            }
        }
        sockets.forgetUnused()
        if let path = configuration.settings.controlSocket { control = try ControlListener(path: path) }
        watchdog.start(now: MonotonicClock.milliseconds())
        startPools(failures: failures)
    }

    /// - Parameters:
    ///   - inherited: pools as the supervisor before this one left them, by name.
    ///   - failures: pools whose workers cannot have what they need.
    func startPools(inherited: [String: InheritedPool] = [:], failures: [ReloadFailure] = []) {
        let rules = configuration.pools.map { ($0.name, PoolRules($0)) }
        let seed = UInt64.random(in: .min ... .max)
        let now = MonotonicClock.milliseconds()
        perform(poolManager.start(rules, inherited: inherited, failures: failures, seed: seed, now: now))
    }

    func announceReady() {
        // After an upgrade the end of its reload says more.
        if upgrade != nil { return }
        let failures = poolManager.startFailures.filter { poolManager.pools[$0.pool]?.phase == .failed }
        let serving = configuration.pools.filter { pool in !failures.contains { $0.pool == pool.name } }
        var line = serving.compactMap { pool in
            pools[pool.name].map { isNameless ? readyLine($0) : "\($0.name): \(readyLine($0))" }
        }.joined(separator: "; ")
        if !failures.isEmpty {
            let names = failures.map { "\($0.pool) (\($0.message))" }.joined(separator: ", ")
            line += "; not started, answered 503 and tried again: \(names)"
        }
        log.say("ready: \(line)")
        for pool in serving { pools[pool.name].map(sayWhoMayNotConnect) }
        notifier.notify(.ready, .status(statusLine))
    }

    func stop(atOnce: Bool) {
        if !poolManager.isStopping {
            notifier.notify(.stopping, .status(atOnce ? "stopping" : "finishing the requests in flight"))
        }
        giveUpReloads()
        perform(.stopRequested(atOnce: atOnce))
    }
}
