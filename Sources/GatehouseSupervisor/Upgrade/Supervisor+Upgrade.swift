import GatehouseConfiguration
import GatehouseControl
import GatehousePlan
internal import Glibc

/// Replacing the supervisor by the program on disk: in the same process, with its sockets and its workers, which then
/// make room for new ones as in any reload.
extension Supervisor {
    /// Begins with the new program's own check; the loop goes on meanwhile.
    func upgrade(for client: ControlClient?) {
        do throws(SupervisorError) {
            try checkThatNothingIsUnderWay()
            upgradeTrial = try UpgradeTrial(
                of: options.program, arguments: options.arguments, for: client, now: Clock.now())
        } catch {
            upgradeFailed(error, client)
        }
    }

    private func checkThatNothingIsUnderWay() throws(SupervisorError) {
        guard poolManager.phase == .running, poolManager.reloading == nil, upgradeTrial == nil,
            poolManager.pools.values.allSatisfy({ $0.candidate == nil })
        else {
            throw SupervisorError(
                "a start, a reload, an upgrade or a stop is under way: try again when it is done", .inputOutput)
        }
    }

    /// From the loop, when the check has ended.
    func endUpgradeTrial() {
        guard let trial = upgradeTrial else { return }
        upgradeTrial = nil
        do throws(SupervisorError) {
            try trial.evaluate()
            // Worn programs, or some that have died, may be about to be replaced meanwhile.
            try checkThatNothingIsUnderWay()
            log.say("upgrading to the program \(trial.program)")
            trial.client?.send(.progress("the supervisor is replaced by \(trial.program)"))
            try replaceProgram(trial.client)
        } catch {
            upgradeFailed(error, trial.client)
        }
    }

    private func upgradeFailed(_ error: SupervisorError, _ client: ControlClient?) {
        log.say("cannot upgrade: \(error.message)", .error)
        client?.send(.failed(message: "cannot upgrade: \(error.message)", exitStatus: error.exitStatus.rawValue))
    }

    private func replaceProgram(_ client: ControlClient?) throws(SupervisorError) {
        explainAtOnce()
        // The new program does not know of them.
        for host in hosts.values { sendStopSignals(of: host) }
        var state = upgradeState(client)
        state.lostLines = log.giveUp()
        // Nobody comes back from what works.
        defer { log.sayLost(state.lostLines ?? 0) }
        let file = try UpgradeFile.write(state)
        defer { close(file) }
        UpgradeFile.setInherited(state.descriptors + [file], true)
        var environment = WorkerStarter.ownEnvironment().merging(notifier.variables) { $1 }
        environment[UpgradeState.variable] = String(file)
        let memory = CStringArena()
        let words = memory.strings([options.program] + options.arguments)
        execve(options.program, words, memory.strings(environment.map { "\($0.key)=\($0.value)" }))
        let reason = systemError()
        UpgradeFile.setInherited(state.descriptors, false)
        throw SupervisorError("\(options.program): \(reason)", .internal)
    }

    private func upgradeState(_ client: ControlClient?) -> UpgradeState {
        var state = UpgradeState(startedAt: startedAt, started: started)
        // The new program reloads everything, and so answers whoever waits for a reload, too.
        let waiters = (client.map { [$0] } ?? []) + nextReloads.flatMap(\.waiters)
        // One may wait for both.
        state.clients = Array(Set(waiters.map(\.descriptor)))
        state.sockets = sockets.upgradeState
        state.pools = hosts.values.compactMap { host in poolManager.pools[host.name].map { UpgradeState.Pool(host, $0) }
        }
        return state
    }

    // MARK: On the other side

    /// Takes over what the program before this one has left, and starts new workers in place of its. Nothing else is
    /// opened or started but by the reload that follows, which can fail without harm: to leave now would end what
    /// serves.
    func takeOver(_ state: UpgradeState) throws(SupervisorError) {
        // The time that the program before this one has used up is not known.
        if notifier.watchdogInterval != nil { nextWatchdog = Clock.now() }
        let settings = configuration.settings
        configuration.settings = SupervisorSettings()
        for problem in applySettings(settings) { log.say(problem, .error) }
        log.sayLost(state.lostLines ?? 0)
        sockets.inherit(state.sockets)
        for left in state.pools {
            let pool = configuration.pools.first { $0.name == left.name }
            let host = try PoolProcesses(left, configuration: pool)
            hosts[host.name] = host
            do throws(SupervisorError) {
                host.accessLog = try PoolProcesses.openAccessLog(host.configuration)
            } catch {
                say(error.message, host)
            }
        }
        configuration.pools = configuration.pools.compactMap { hosts[$0.name]?.configuration }
        reloadWaiters = state.clients.map { ControlClient(descriptor: $0) }
        clients += reloadWaiters
        startPools(inherited: Dictionary(state.pools.map { ($0.name, $0.inherited) }) { first, _ in first })
        beginReload(only: nil, forced: true)
        // Where that could not even begin, nobody accepts for pools that have gone: better refused than kept waiting.
        if reloadAtHand == nil { sockets.close(except: Set(hosts.values.flatMap(\.configuration.endpoints))) }
    }
}
