import GatehouseConfiguration
import GatehouseControl
import GatehousePlan
internal import GatehouseSystem

/// Reloading: a new configuration or new modules replace those that serve, pool by pool; each pool changes completely
/// or not at all.
///
/// A reload makes a candidate generation of each pool that changes. The pool manager decides which of them are promoted
/// and which are rejected.
extension Supervisor {
    /// Reloads now or, if a reload is under way, once more after it: the configuration that was written last counts.
    func requestReload(pool: String?, for client: ControlClient?) {
        if poolManager.isStopping {
            client?.send(.failed(message: "the supervisor is stopping", exitStatus: ExitStatus.inputOutput.rawValue))
            return
        }
        reloads.add(pool: pool, client)
        beginNextReload()
    }

    private var canReload: Bool { poolManager.phase == .running && reloads.current == nil && upgradeTrial == nil }

    /// Whether a reload waits that can begin now.
    var isNextReloadDue: Bool { canReload && !reloads.waiting.isEmpty }

    /// Begins the reload that waits for longest; also from the loop, when the last one's commands have been carried
    /// out.
    func beginNextReload() {
        guard canReload, let next = reloads.takeNext() else { return }
        begin(next)
    }

    func begin(_ request: ReloadRequest) {
        notifier.notify(.reloading, .status("reloading"))
        hasIdleCode = true
        SocketReach.forgetAccounts()
        do throws(OperatorError) {
            // Without a file, the configuration is the command line's.
            let new = try options.reload?() ?? options.configuration
            if let pool = request.pool, !new.pools.contains(where: { $0.name == pool }) {
                throw OperatorError("there is no pool \(pool) in the configuration", .configuration)
            }
            begin(Reload(request: request, configuration: new))
        } catch {
            answer(request, failure: error.message, exitStatus: error.exitStatus)
        }
    }

    // MARK: Candidates

    /// A pool whose sockets and log are ready for new workers.
    private struct Part {
        var pool: PoolConfiguration
        var modules: ModuleFingerprints
        var change: PoolChange
    }

    private func begin(_ reload: Reload) {
        reloads.current = reload
        let named = reload.configuration.pools.filter { reload.request.pool == nil || $0.name == reload.request.pool }
        var parts: [Part] = []
        var changes: [PoolChange] = []
        var rejected: [ReloadFailure] = []
        for pool in named {
            let modules = ModuleFingerprints(of: pool)
            let processes = pools[pool.name]
            if !reload.request.isForced, reload.request.pool == nil, isCurrent(pool, modules, processes) {
                if poolManager.pools[pool.name]?.scaledTo != nil { changes.append(.unscaled(pool.name)) }
                continue
            }
            do throws(OperatorError) {
                try prepare(pool, processes)
                let part = Part(pool: pool, modules: modules, change: try change(to: pool, modules, processes))
                parts.append(part)
                changes.append(part.change)
            } catch {
                rejected.append(
                    ReloadFailure(pool: pool.name, message: error.message, exitStatus: error.exitStatus.rawValue))
                if let processes { restore(processes) }
            }
        }
        if reload.request.pool == nil {
            let names = Set(named.map(\.name))
            changes += pools.keys.filter { !names.contains($0) }.sorted().map { .removed($0) }
        }
        let begun = poolManager.beginReload(changes, rejected: rejected, now: MonotonicClock.milliseconds())
        reloads.current?.candidates = begun.candidates
        for part in parts { prepareCandidate(part, begun.candidates[part.pool.name]) }
        perform(begun.commands)
    }

    /// Whether the pool already serves with exactly this configuration and these modules.
    private func isCurrent(_ pool: PoolConfiguration, _ modules: ModuleFingerprints, _ processes: PoolProcesses?)
        -> Bool
    {
        guard let processes, poolManager.pools[pool.name]?.phase == .running else { return false }
        return !pool.endpoints.contains(where: sockets.isLost) && !processes.isInherited
            && processes.configuration.meansTheSame(as: pool) && processes.modules == modules
    }

    /// Opens everything that a pool's new workers will need.
    private func prepare(_ pool: PoolConfiguration, _ processes: PoolProcesses?) throws(OperatorError) {
        for endpoint in pool.endpoints {
            if try sockets.open(endpoint, settings: pool.socket) {
                reloads.current?.opened.insert(endpoint)
            } else if sockets.isLost(endpoint) {
                try sockets.renew(endpoint, settings: pool.socket)
            } else {
                try sockets.apply(pool.socket, to: endpoint)
            }
        }
        if let processes, processes.accessLog?.place != pool.accessLog?.place {
            // From now on it is the new workers' log; the old ones keep the descriptor that they have.
            reloads.current?.accessLogs[pool.name] = .some(processes.accessLog)
            processes.accessLog = try PoolProcesses.openAccessLog(pool)
        }
    }

    private func change(
        to pool: PoolConfiguration, _ modules: ModuleFingerprints, _ processes: PoolProcesses?
    ) throws(OperatorError) -> PoolChange {
        if processes != nil, poolManager.pools[pool.name] != nil { return .replaced(pool.name, PoolRules(pool)) }
        let processes = try PoolProcesses(pool, modules: modules)
        sayIfNotCopied(processes, generation: PoolStateMachine.firstGeneration)
        processes.accessLog = try PoolProcesses.openAccessLog(pool)
        pools[pool.name] = processes
        return .added(pool.name, PoolRules(pool), seed: UInt64.random(in: .min ... .max))
    }

    private func prepareCandidate(_ part: Part, _ generation: Int?) {
        guard case .replaced = part.change, let processes = pools[part.pool.name] else { return }
        guard let generation else { return restore(processes) }
        processes.prepare(part.pool, modules: part.modules, generation: generation)
        sayIfNotCopied(processes, generation: generation)
        openBeside(processes, generation: generation)
    }

    // MARK: Promoted or rejected

    func promote(_ generation: Int, _ processes: PoolProcesses) {
        processes.promote(generation: generation)
        for endpoint in processes.configuration.endpoints {
            for old in sockets.promote(endpoint) { takeOverQueue(of: old, processes) }
        }
        promoteSockets(of: processes, generation: generation)
        if reloads.current?.candidates[processes.name] != generation {
            // A renewal or a rollback: no reload's end will note the configuration that serves now.
            configuration.pools = configuration.pools.map { $0.name == processes.name ? processes.configuration : $0 }
        }
        forgetUnusedGenerations(of: processes)
        forgetReplacedModules(of: processes, serving: generation)
        say("generation \(generation) serves: \(readyLine(processes))", processes)
        sayWhoMayNotConnect(processes)
        // The old workers still accept clients that wait on an endpoint that is given up; no new ones get there.
        let coming = reloads.current?.configuration.pools.flatMap(\.endpoints) ?? []
        sockets.close(except: Set(pools.values.flatMap(\.configuration.endpoints) + coming))
    }

    func reject(_ generation: Int, _ processes: PoolProcesses) {
        if reloads.current?.candidates[processes.name] == generation { restore(processes) }
        forgetUnusedGenerations(of: processes)
    }

    /// Gives the generation that serves its log and its sockets' settings back.
    private func restore(_ processes: PoolProcesses) {
        if let log = reloads.current?.accessLogs[processes.name] { processes.accessLog = log }
        sockets.giveUpRenewed(processes.configuration.endpoints)
        do throws(OperatorError) {
            for endpoint in processes.configuration.endpoints {
                try sockets.apply(processes.configuration.socket, to: endpoint)
            }
        } catch {
            say(error.message, processes, .error)
        }
    }

    func forgetUnusedGenerations(of processes: PoolProcesses) {
        processes.forgetUnusedGenerations(except: poolManager.pools[processes.name]?.generationsInUse ?? [])
    }

    /// A generation of an earlier one's settings is about to be tried, without a reload.
    func prepare(_ generation: Int, like earlier: Int, _ processes: PoolProcesses) {
        processes.prepare(generation: generation, like: earlier)
        guard let pool = processes.configurations[generation] else { return }
        for endpoint in pool.endpoints {
            do throws(OperatorError) { try sockets.open(endpoint, settings: pool.socket) } catch {
                say(error.message, processes)
            }
        }
        // If no program serves, clients wait in the queue that is there, and the next program must inherit it.
        if poolManager.pools[processes.name]?.serving.isEmpty == false { openBeside(processes, generation: generation) }
    }

    // MARK: The end

    func endReload(_ progress: ReloadProgress) {
        guard let reload = reloads.current else { return }
        let problems = reload.request.pool == nil ? applySettings(reload.configuration.settings) : []
        configuration.pools = reload.outcome(progress, of: configuration.pools)
        reloads.current = nil
        sockets.giveUpRenewed(sockets.renewed)
        sockets.close(except: Set(configuration.pools.flatMap(\.endpoints)))
        if progress.failures.isEmpty { reloads.loadedAt = UTCTime.now().secondsSince1970 }
        let texts = progress.failures.map { "pool \($0.pool): \($0.message)" } + problems
        let exitStatus = progress.failures.first.map { ExitStatus(rawValue: $0.exitStatus) } ?? .inputOutput
        answer(reload.request, failure: texts.isEmpty ? nil : texts.joined(separator: "; "), exitStatus: exitStatus)
    }

    private func answer(_ request: ReloadRequest, failure: String?, exitStatus: ExitStatus) {
        reloads.lastFailure = failure
        let line = failure.map { "the reload has failed, the old workers go on serving: \($0)" } ?? "reloaded"
        log.say(line, failure == nil ? .notice : .error)
        for client in request.waiters {
            client.send(failure.map { .failed(message: $0, exitStatus: exitStatus.rawValue) } ?? .done("reloaded"))
        }
        notifier.notify(.ready, .status(failure == nil ? statusLine : "last reload failed; " + statusLine))
    }

    /// Answers commands that wait for a reload or an upgrade: everything ends.
    func giveUpReloads() {
        let upgrader = upgradeTrial?.client.map { [$0] } ?? []
        upgradeTrial = nil
        for client in upgrader + reloads.giveUp() {
            client.send(.failed(message: "the supervisor is stopping", exitStatus: ExitStatus.inputOutput.rawValue))
        }
    }
}
