import GatehouseConfiguration
import GatehouseControl
import GatehousePlan
internal import Glibc

/// What the supervisor does: the decisions' hands.
extension Supervisor {
    /// One event after the other: what an action of the first brings about, such as a start that failed, must not be
    /// decided before the rest of its actions are carried out, or a worker would be started that was just given up.
    func perform(_ event: PoolManagerEvent) {
        pending.append(event)
        performPending()
    }

    func perform(_ actions: [PoolManagerAction]) {
        carryOut(actions)
        performPending()
    }

    /// A worker can have said tens of thousands of things at once: in a row, and not one within the other.
    func performPending() {
        guard !isPerforming else { return }
        var next = 0
        while next < pending.count {
            carryOut(poolManager.handle(pending[next], now: Clock.now()))
            next += 1
        }
        pending.removeAll()
    }

    private func carryOut(_ actions: [PoolManagerAction]) {
        isPerforming = true
        for action in actions { perform(action) }
        isPerforming = false
    }

    private func perform(_ action: PoolManagerAction) {
        switch action {
        case .pool(let name, let action):
            if let host = hosts[name] { perform(action, host) }
        case .announceReady: announceReady()
        case .reloadEnded(let failures): reloadEnded(failures)
        case .forget(let pool): forget(pool)
        case .stopListening: stopListening()
        case .finish(let status): exitStatus = status
        }
    }

    private func perform(_ action: PoolAction, _ host: PoolProcesses) {
        switch action {
        case .say(let line): say(line, host)
        case .spawn(let worker, let generation): spawn(worker, generation, host)
        case .order(let number, let order):
            guard let worker = host.workers[number], !worker.send(order) else { return }
            // What it has said until then still counts.
            readReports(of: worker, host, all: true)
            perform(.pool(host.name, .controlChannelClosed(worker: number)))
        case .prepare(let generation, let earlier): prepare(generation, like: earlier, host)
        case .tellRollback(let message):
            say(message, host)
            lastReloadFailure = "pool \(host.name): \(message)"
        case .signal(let number, let signal): self.signal(number, signal, host)
        case .reportCrash(let number, let end, let during):
            guard let worker = host.workers[number] else { return }
            if let culprit = reportCrash(worker, end, during, host) {
                blame(culprit, of: worker.generation, host)
            }
        case .becameReady: break
        case .failedToStart(let message, _): say(message, host, .error)
        case .replacementServes: replacementServes(host)
        case .replacementFailed: replacementFailed(host)
        case .replacementServesAlone, .stopped: break
        }
    }

    private func signal(_ number: Int, _ signal: Int32, _ host: PoolProcesses) {
        guard let worker = host.workers[number] else { return }
        guard worker.isProgram, signal != SIGKILL else { return worker.signal(signal) }
        let now = Clock.now()
        host.leaving.append(PoolProcesses.Leaver(worker: number, signal: signal, since: now, due: now))
    }

    /// A line about a pool. Where there is only one, and nobody named it, it goes without saying which.
    func say(_ line: String, _ host: PoolProcesses, _ level: SupervisorLog.Level = .notice) {
        log.say(isNameless ? line : "\(host.name): \(line)", level)
    }

    /// A generation's workers read the modules' files themselves.
    func sayIfNotCopied(_ host: PoolProcesses, generation: Int) {
        if let problem = host.copies[generation]?.problem { say(problem, host, .warning) }
    }

    private var isNameless: Bool { configuration.pools.count == 1 && options.configurationFile.isEmpty }

    private func spawn(_ number: Int, _ generation: Int, _ host: PoolProcesses) {
        hasIdleCode = true
        // A worker of a generation on trial has its sockets of its own, where the old ones' files are gone.
        let isOnTrial = poolManager.pools[host.name]?.candidate?.generation == generation
        let starter = WorkerStarter(
            host: host, sockets: sockets, isOnTrial: isOnTrial, workerProgram: options.workerProgram)
        do throws(SupervisorError) {
            // What could not be had at the start may be there by now.
            if poolManager.pools[host.name]?.phase == .failed, !isOnTrial { try openMissing(host.configuration, host) }
            let requests = poolManager.pools[host.name]?.requestLimit(of: number)
            host.workers[number] = try starter.start(
                number: number, generation: generation, requests: requests, now: Clock.now())
        } catch {
            perform(
                .pool(
                    host.name,
                    .spawnFailed(worker: number, message: error.message, exitStatus: error.exitStatus.rawValue)))
        }
    }

    // MARK: Starting

    func start() throws(SupervisorError) {
        nextSample = Clock.now() + sampleInterval
        if let upgrade { return try takeOver(upgrade) }
        try log.use(configuration.settings.log)
        try checkStateFolder()
        var failures: [ReloadFailure] = []
        for pool in configuration.pools {
            let host = try PoolProcesses(pool, modules: ModuleFingerprints(of: pool))
            sayIfNotCopied(host, generation: 1)
            hosts[pool.name] = host
            do throws(SupervisorError) {
                try openMissing(pool, host)
            } catch {
                // Of the only one, the message goes to whoever started us, as it does where all is in vain.
                if configuration.pools.count == 1 { throw error }
                failures.append(
                    ReloadFailure(pool: pool.name, message: error.message, exitStatus: error.exitStatus.rawValue))
            }
        }
        sockets.forgetUnused()
        if let path = configuration.settings.controlSocket { control = try ControlListener(path: path) }
        if let interval = notifier.watchdogInterval { nextWatchdog = Clock.now() + interval }
        startPools(failures: failures)
    }

    /// - Parameters:
    ///   - inherited: what the supervisor before this one has left, by pool.
    ///   - failures: pools whose workers cannot have what they need.
    func startPools(inherited: [String: InheritedPool] = [:], failures: [ReloadFailure] = []) {
        let rules = configuration.pools.map { ($0.name, PoolRules($0)) }
        let seed = UInt64.random(in: .min ... .max)
        perform(poolManager.start(rules, inherited: inherited, failures: failures, seed: seed, now: Clock.now()))
    }

    private func announceReady() {
        // After an upgrade the end of the reload that it is says more.
        if upgrade != nil { return }
        let failures = poolManager.startFailures.filter { poolManager.pools[$0.pool]?.phase == .failed }
        let pools = configuration.pools.filter { pool in !failures.contains { $0.pool == pool.name } }
        var line = pools.compactMap { pool in
            hosts[pool.name].map { isNameless ? readyLine($0) : "\($0.name): \(readyLine($0))" }
        }.joined(separator: "; ")
        if !failures.isEmpty {
            let names = failures.map { "\($0.pool) (\($0.message))" }.joined(separator: ", ")
            line += "; not started, answered 503 and tried again: \(names)"
        }
        log.say("ready: \(line)")
        for pool in pools { hosts[pool.name].map(sayWhoMayNotConnect) }
        notifier.notify(.ready, .status(statusLine))
    }

    /// `fastcgi:/run/web.sock, 2 modules (/ → Hello 1.0, /blog → Blog 2.1), 4 workers`
    func readyLine(_ host: PoolProcesses) -> String {
        let pool = host.configuration
        var line = pool.endpoints.map { sockets.describe($0) }.joined(separator: ", ")
        if let program = pool.program {
            line += ", \(program.command.joined(separator: " "))"
        } else {
            let modules = pool.modules.map { module in
                let file = String(module.plan.path.split(separator: "/").last ?? "?")
                return "\(module.plan.mount) → \(host.moduleNames[module.plan.path] ?? file)"
            }
            line +=
                ", \(modules.count == 1 ? "1 module" : "\(modules.count) modules") (\(modules.joined(separator: ", ")))"
        }
        let count = poolManager.pools[host.name]?.serving.count ?? 0
        return line + (count == 1 ? "" : ", \(count) workers")
    }

    /// Remembers what a module calls itself, for the line that says it is there.
    func note(_ report: WorkerReport, from worker: WorkerProcess, of host: PoolProcesses) {
        guard case .loaded(let path, let name, let version) = report,
            host.configurations[worker.generation]?.modules.contains(where: { $0.plan.path == path }) == true
        else { return }
        host.moduleNames[path] = printable(version.isEmpty ? name : "\(name) \(version)", atMost: 200)
    }

    // MARK: Looking around

    /// Scaling wants to see bursts; nothing else is in a hurry.
    private var sampleInterval: Int {
        configuration.pools.contains { if case .fixed = $0.workers { false } else { true } } ? 250 : 1_000
    }

    func sample(_ now: Int) {
        nextSample = now + sampleInterval
        for host in hosts.values {
            let samples = host.workers.compactMapValues { worker -> WorkerSample? in
                guard let totals = worker.scoreboard?.totals() else { return nil }
                return WorkerSample(
                    requests: totals.requests, requestsInFlight: totals.inFlight, connections: totals.connections,
                    residentBytes: ProcessFacts.residentBytes(worker.pid))
            }
            for worker in host.workers.values { worker.forgetGiven() }
            perform(.pool(host.name, .sampled(samples)))
            sayWhatIsLost(host)
        }
    }

    func feedWatchdog(_ now: Int) {
        guard let interval = notifier.watchdogInterval else { return nextWatchdog = nil }
        nextWatchdog = now + interval
        let isWell = poolManager.pools.values.allSatisfy { $0.isWell(now: now) }
        if poolManager.isStopping {
            notifier.notify(.watchdog, .extendTimeout(microseconds: 4_000 * interval))
        } else if isWell {
            notifier.notify(.watchdog, .status(statusLine))
        } else {
            // One unlucky moment is not yet a reason to be killed: the next one may do.
            nextWatchdog = now + min(interval, 1_000)
        }
    }

    // MARK: Crashes

    private func blame(_ culprit: RequestStatus, of generation: Int, _ host: PoolProcesses) {
        let path = String(culprit.path.prefix { $0 != "?" })
        let now = Clock.now()
        let route = Quarantine.Route(method: culprit.method, path: path)
        let module = host.content(of: route, generation: generation)
        guard host.quarantine.crashed(route, of: module, now: now) else { return }
        let seconds = (host.quarantine.settings?.duration ?? 0) / 1_000
        say(
            "\(culprit.method) \(path) is quarantined: it has killed "
                + "\(host.quarantine.settings?.crashes ?? 0) workers; it is answered 503 for \(seconds) s, or until: "
                + "gatehouse release", host, .warning)
        tellQuarantine(host)
    }

    func tellQuarantine(_ host: PoolProcesses) {
        let now = Clock.now()
        for worker in host.workers.values where worker.scoreboard != nil {
            let routes = host.quarantine.order(now: now) { host.content(of: $0, generation: worker.generation) }
            perform(.order(worker: worker.number, .quarantine(routes)), host)
        }
    }

    /// Another generation serves: what an earlier build of a module did is no longer held against the route.
    func forgetReplacedModules(of host: PoolProcesses, serving generation: Int) {
        let lifted = host.quarantine.modulesChanged { host.content(of: $0, generation: generation) }
        for route in lifted {
            say("\(route.method) \(route.path) is no longer quarantined: its module has been replaced", host)
        }
        if !lifted.isEmpty { tellQuarantine(host) }
    }

    func liftQuarantines(of host: PoolProcesses, _ now: Int) {
        let lifted = host.quarantine.clockAdvanced(now: now)
        guard !lifted.isEmpty else { return }
        for route in lifted { say("\(route.method) \(route.path) is no longer quarantined", host) }
        tellQuarantine(host)
    }

    // MARK: Leaving

    func stop(atOnce: Bool) {
        if !poolManager.isStopping {
            notifier.notify(.stopping, .status(atOnce ? "stopping" : "finishing what is in flight"))
        }
        giveUpReloads()
        perform(.stopRequested(atOnce: atOnce))
    }

    private func forget(_ pool: String) {
        hosts[pool] = nil
    }
}
