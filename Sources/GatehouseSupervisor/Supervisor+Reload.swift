import GatehouseConfiguration
import GatehouseControl
import GatehousePlan
internal import Glibc

/// A new configuration, or new modules, in place of what serves: pool by pool, each wholly or not at all.
extension Supervisor {
    /// A reload that waits for the one at hand.
    struct NextReload {
        /// The pool that alone is to change; `nil` for all.
        var pool: String?
        var waiters: [ControlClient]
    }

    struct ReloadAtHand {
        var configuration: Configuration
        /// The pool that alone is to change.
        var only: String?
        /// Sockets that were opened for it.
        var opened: Set<Endpoint>
        var accessLogs: [String: LogFile?]
        /// Pools that cannot have what their new part needs.
        var failures: [ReloadFailure] = []
    }

    /// Reloads now or, where one is at hand, once more after it: the last configuration that was written counts. What
    /// waits for the same is done once; a pool that was named is neither left out for another's sake nor does it widen
    /// what another's reload touches.
    func requestReload(pool: String?, for client: ControlClient?) {
        if poolManager.phase != .running || poolManager.reloading != nil || upgradeTrial != nil {
            if poolManager.isStopping {
                client?.send(
                    .failed(message: "everything is being stopped", exitStatus: ExitStatus.inputOutput.rawValue))
                return
            }
            let waiters = client.map { [$0] } ?? []
            if let same = nextReloads.firstIndex(where: { $0.pool == pool }) {
                nextReloads[same].waiters += waiters
            } else {
                nextReloads.append(NextReload(pool: pool, waiters: waiters))
            }
            return
        }
        reloadWaiters = client.map { [$0] } ?? []
        beginReload(only: pool, forced: false)
    }

    /// - Parameter forced: every pool gets new workers, changed or not.
    func beginReload(only: String?, forced: Bool) {
        notifier.notify(.reloading, .status("reloading"))
        hasIdleCode = true
        SocketReach.forgetAccounts()
        do throws(SupervisorError) {
            // Without a file, what the command line said.
            let new = try options.reload?() ?? options.configuration
            let changes = try prepareReload(new, only: only, forced: forced)
            if changes.isEmpty { return reloadEnded([]) }
            perform(.reloaded(changes))
        } catch {
            undoReload()
            endReload(failure: error.message, exitStatus: error.exitStatus)
        }
    }

    private func prepareReload(
        _ new: Configuration, only: String?, forced: Bool
    ) throws(SupervisorError) -> [PoolChange] {
        if let only, !new.pools.contains(where: { $0.name == only }) {
            throw SupervisorError("there is no pool \(only) in the configuration", .configuration)
        }
        reloadAtHand = ReloadAtHand(configuration: new, only: only, opened: [], accessLogs: [:])
        var changes: [PoolChange] = []
        for pool in new.pools where only == nil || pool.name == only {
            let fingerprints = ModuleFingerprints(of: pool)
            let host = hosts[pool.name]
            let isRunning =
                poolManager.pools[pool.name]?.phase == .running && !pool.endpoints.contains(where: sockets.isLost)
            let isUnchanged =
                host.map { host in
                    !host.isInherited && host.configuration.meansTheSame(as: pool) && host.modules == fingerprints
                } ?? false
            if isUnchanged, !forced, only == nil, isRunning {
                if poolManager.pools[pool.name]?.scaledTo != nil { changes.append(.unscaled(pool.name)) }
                continue
            }
            do throws(SupervisorError) {
                try prepare(pool, host)
                changes.append(try change(to: pool, fingerprints, host))
            } catch {
                giveUp(pool, host, error)
            }
        }
        if only == nil {
            let names = Set(new.pools.map(\.name))
            changes += hosts.keys.filter { !names.contains($0) }.sorted().map { .removed($0) }
        }
        return changes
    }

    private func change(
        to pool: PoolConfiguration, _ modules: ModuleFingerprints, _ host: PoolProcesses?
    ) throws(SupervisorError) -> PoolChange {
        if let host, let machine = poolManager.pools[pool.name] {
            host.prepare(pool, modules: modules, generation: machine.lastGeneration + 1)
            sayIfNotCopied(host, generation: machine.lastGeneration + 1)
            openBeside(host, generation: machine.lastGeneration + 1)
            return .replaced(pool.name, PoolRules(pool))
        }
        let host = try PoolProcesses(pool, modules: modules)
        sayIfNotCopied(host, generation: 1)
        host.accessLog = try PoolProcesses.openAccessLog(pool)
        hosts[pool.name] = host
        return .added(pool.name, PoolRules(pool), seed: UInt64.random(in: .min ... .max))
    }

    /// What a pool's new workers will need.
    private func prepare(_ pool: PoolConfiguration, _ host: PoolProcesses?) throws(SupervisorError) {
        for endpoint in pool.endpoints {
            if try sockets.open(endpoint, settings: pool.socket) {
                reloadAtHand?.opened.insert(endpoint)
            } else if sockets.isLost(endpoint) {
                try sockets.renew(endpoint, settings: pool.socket)
            } else {
                try sockets.apply(pool.socket, to: endpoint)
            }
        }
        if let host, host.accessLog?.place != pool.accessLog?.place {
            // The new workers' log, from now on; the old ones keep the descriptor that they have.
            reloadAtHand?.accessLogs[pool.name] = .some(host.accessLog)
            host.accessLog = try PoolProcesses.openAccessLog(pool)
        }
    }

    /// The others get their new part all the same.
    private func giveUp(_ pool: PoolConfiguration, _ host: PoolProcesses?, _ error: SupervisorError) {
        reloadAtHand?.failures.append(
            ReloadFailure(pool: pool.name, message: error.message, exitStatus: error.exitStatus.rawValue))
        if let host { replacementFailed(host) }
    }

    // MARK: Pool by pool

    func replacementServes(_ host: PoolProcesses) {
        guard let machine = poolManager.pools[host.name] else { return }
        host.promote(generation: machine.generation)
        for endpoint in host.configuration.endpoints {
            for old in sockets.promote(endpoint) { takeOverQueue(of: old, host) }
        }
        promoteSockets(of: host, generation: machine.generation)
        if reloadAtHand == nil {
            // Nobody has asked for it: a generation that was before, or another one of the same.
            configuration.pools = configuration.pools.map { $0.name == host.name ? host.configuration : $0 }
            host.forgetUnusedConfigurations(except: machine.generationsInUse)
        }
        forgetReplacedModules(of: host, serving: machine.generation)
        say("generation \(machine.generation) serves: \(readyLine(host))", host)
        sayWhoMayNotConnect(host)
        // The old workers still accept what waits on an endpoint that is given up, and nothing new gets there.
        let coming = reloadAtHand?.configuration.pools.flatMap(\.endpoints) ?? []
        sockets.close(except: Set(hosts.values.flatMap(\.configuration.endpoints) + coming))
    }

    func replacementFailed(_ host: PoolProcesses) {
        if let log = reloadAtHand?.accessLogs[host.name] { host.accessLog = log }
        sockets.giveUpRenewed(host.configuration.endpoints)
        restoreSockets(of: host)
    }

    private func restoreSockets(of host: PoolProcesses) {
        do throws(SupervisorError) {
            for endpoint in host.configuration.endpoints { try sockets.apply(host.configuration.socket, to: endpoint) }
        } catch {
            say(error.message, host, .error)
        }
    }

    // MARK: The end

    func reloadEnded(_ failures: [ReloadFailure]) {
        guard let reload = reloadAtHand else { return }
        let failures = failures + reload.failures
        var pools = reload.configuration.pools
        if let only = reload.only {
            // The other pools are as they were, whatever the file says of them now.
            pools = configuration.pools.filter { $0.name != only } + pools.filter { $0.name == only }
        }
        let failed = Set(failures.map(\.pool))
        let kept = pools.compactMap { pool in
            failed.contains(pool.name) ? configuration.pools.first { $0.name == pool.name } : pool
        }
        let problems = reload.only == nil ? applySettings(reload.configuration.settings) : []
        configuration.pools = kept
        reloadAtHand = nil
        sockets.giveUpRenewed(sockets.renewed)
        sockets.close(except: Set(kept.flatMap(\.endpoints)))
        if failures.isEmpty { loadedAt = Clock.secondsSince1970() }
        let texts = failures.map { "pool \($0.pool): \($0.message)" } + problems
        guard !texts.isEmpty else { return endReload(failure: nil, exitStatus: .success) }
        let exitStatus = failures.first.map { ExitStatus(rawValue: $0.exitStatus) } ?? .inputOutput
        endReload(failure: texts.joined(separator: "; "), exitStatus: exitStatus)
    }

    private func undoReload() {
        guard let reload = reloadAtHand else { return }
        for (name, log) in reload.accessLogs { hosts[name]?.accessLog = log }
        for name in hosts.keys where poolManager.pools[name] == nil { hosts[name] = nil }
        sockets.giveUpRenewed(sockets.renewed)
        for host in hosts.values { restoreSockets(of: host) }
        sockets.close(except: sockets.endpoints.subtracting(reload.opened))
        reloadAtHand = nil
    }

    private func endReload(failure: String?, exitStatus: ExitStatus) {
        lastReloadFailure = failure
        for host in hosts.values {
            guard let machine = poolManager.pools[host.name] else { continue }
            host.forgetUnusedConfigurations(except: machine.generationsInUse)
        }
        let line = failure.map { "the reload has failed, what served before goes on: \($0)" } ?? "reloaded"
        log.say(line, failure == nil ? .notice : .error)
        for client in reloadWaiters {
            client.send(failure.map { .failed(message: $0, exitStatus: exitStatus.rawValue) } ?? .done("reloaded"))
        }
        reloadWaiters = []
        notifier.notify(.ready, .status(failure == nil ? statusLine : "last reload failed; " + statusLine))
    }

    /// Whether a reload waits that can begin now.
    var isNextReloadDue: Bool {
        !nextReloads.isEmpty && poolManager.phase == .running && poolManager.reloading == nil && upgradeTrial == nil
    }

    /// From the loop, when everything that the last one brought about has been done.
    func beginNextReload() {
        guard isNextReloadDue else { return }
        let next = nextReloads.removeFirst()
        reloadWaiters = next.waiters
        beginReload(only: next.pool, forced: false)
    }

    /// Everything ends: whoever waits for a reload or an upgrade need not wait any longer.
    func giveUpReloads() {
        let upgrader = upgradeTrial?.client.map { [$0] } ?? []
        upgradeTrial = nil
        for client in upgrader + reloadWaiters + nextReloads.flatMap(\.waiters) {
            client.send(.failed(message: "everything is being stopped", exitStatus: ExitStatus.inputOutput.rawValue))
        }
        reloadWaiters = []
        nextReloads = []
    }
}
