import GatehouseConfiguration
import GatehouseControl
import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Upgrading: the program on disk takes the supervisor's place, in the same process and with its sockets and workers,
/// which then make room for new ones as in any reload.
extension Supervisor {
    /// Begins with the new program's own check; the loop goes on meanwhile.
    func upgrade(for client: ControlClient?) {
        do throws(OperatorError) {
            try checkThatNothingIsUnderWay()
            upgradeTrial = try UpgradeTrial(
                of: options.program, arguments: options.arguments, for: client, now: MonotonicClock.milliseconds())
        } catch {
            upgradeFailed(error, client)
        }
    }

    private func checkThatNothingIsUnderWay() throws(OperatorError) {
        guard poolManager.phase == .running, reloads.current == nil, upgradeTrial == nil,
            poolManager.pools.values.allSatisfy({ $0.candidate == nil })
        else {
            throw OperatorError(
                "a start, a reload, an upgrade or a stop is under way: try again when it is done", .inputOutput)
        }
    }

    /// Replaces the program if its check found no fault; from the loop, when the check has ended.
    func endUpgradeTrial() {
        guard let trial = upgradeTrial else { return }
        upgradeTrial = nil
        do throws(OperatorError) {
            try trial.evaluate()
            // A renewal or a rollback may have begun meanwhile.
            try checkThatNothingIsUnderWay()
            log.say("upgrading to the program \(trial.program)")
            trial.client?.send(.progress("the supervisor is replaced by \(trial.program)"))
            try replaceProgram(trial.client)
        } catch {
            upgradeFailed(error, trial.client)
        }
    }

    private func upgradeFailed(_ error: OperatorError, _ client: ControlClient?) {
        log.say("cannot upgrade: \(error.message)", .error)
        client?.send(.failed(message: "cannot upgrade: \(error.message)", exitStatus: error.exitStatus.rawValue))
    }

    private func replaceProgram(_ client: ControlClient?) throws(OperatorError) {
        crashes.finishAll()
        // The new program does not know which programs were about to leave.
        for processes in pools.values { sendStopSignals(of: processes) }
        var state = upgradeState(client)
        state.lostLines = log.giveUp()
        // Only a failed execve returns.
        defer { log.sayLost(state.lostLines ?? 0) }
        let file = try UpgradeFile.write(state)
        defer { close(file) }
        UpgradeFile.setInherited(state.descriptors + [file], true)
        var environment = ProcessEnvironment.all.merging(notifier.variables) { $1 }
        environment[UpgradeState.variable] = String(file)
        let memory = CStringArena()
        let words = memory.strings([options.program] + options.arguments)
        execve(options.program, words, memory.strings(environment.map { "\($0.key)=\($0.value)" }))
        let reason = SystemError.text()
        UpgradeFile.setInherited(state.descriptors, false)
        throw OperatorError("\(options.program): \(reason)", .internal)
    }

    private func upgradeState(_ client: ControlClient?) -> UpgradeState {
        var state = UpgradeState(startedAt: startedAt, started: started)
        // The new program reloads everything, and so also answers commands that wait for a reload.
        let waiters = (client.map { [$0] } ?? []) + reloads.waiting.flatMap(\.waiters)
        // A client may wait for both.
        state.clients = Array(Set(waiters.map(\.descriptor)))
        state.sockets = sockets.upgradeState
        state.pools = pools.values.compactMap { processes in
            poolManager.pools[processes.name].map { UpgradeState.Pool(processes, $0) }
        }
        return state
    }

    // MARK: On the other side

    /// Takes over from the program before this one, and starts new workers in place of its own. Only the reload that
    /// follows opens or starts anything, and it can fail without harm; exiting now would end the workers that serve.
    func takeOver(_ state: UpgradeState) throws(OperatorError) {
        // The last ping was the program's before this one.
        watchdog.start(now: MonotonicClock.milliseconds(), isBehind: true)
        let settings = configuration.settings
        configuration.settings = SupervisorSettings()
        for problem in applySettings(settings) { log.say(problem, .error) }
        log.sayLost(state.lostLines ?? 0)
        sockets.inherit(state.sockets)
        for left in state.pools {
            let pool = configuration.pools.first { $0.name == left.name }
            let processes = try PoolProcesses(left, configuration: pool)
            pools[processes.name] = processes
            do throws(OperatorError) {
                processes.accessLog = try PoolProcesses.openAccessLog(processes.configuration)
            } catch {
                say(error.message, processes)
            }
        }
        configuration.pools = configuration.pools.compactMap { pools[$0.name]?.configuration }
        let waiters = state.clients.map { ControlClient(descriptor: $0) }
        clients += waiters
        startPools(inherited: Dictionary(state.pools.map { ($0.name, $0.inherited) }) { first, _ in first })
        begin(ReloadRequest(waiters: waiters, isForced: true))
        // If that could not even begin, no worker accepts for pools that have gone: their clients are refused instead
        // of being kept waiting.
        if reloads.current == nil { sockets.close(except: Set(pools.values.flatMap(\.configuration.endpoints))) }
    }
}
