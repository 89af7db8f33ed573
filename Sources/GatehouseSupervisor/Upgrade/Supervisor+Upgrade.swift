internal import CGatehouseSystem
import GatehouseConfiguration
import GatehouseControl
import GatehousePlan
internal import Glibc

/// Replacing the supervisor by the program on disk: in the same process, with its sockets and its workers, which then
/// make room for new ones as in any reload.
extension Supervisor {
    func upgrade(for client: ControlClient?) {
        do throws(SupervisorError) {
            guard fleet.phase == .running, fleet.reloading == nil else {
                throw SupervisorError("a start, a reload or a stop is under way: try again when it is done", .inputOutput)
            }
            // What the new program would find wrong is found here, where the old one can still go on.
            _ = try options.reload?()
            try checkStateFolder()
            try tryProgram()
            log.say("upgrading to the program \(options.program)")
            client?.send(.progress("the supervisor is replaced by \(options.program)"))
            try replaceProgram(client)
        } catch {
            log.say("cannot upgrade: \(error.message)")
            client?.send(.failed(message: "cannot upgrade: \(error.message)", exitStatus: error.exitStatus.rawValue))
        }
    }

    /// A program that cannot even say its version shall not take everything over.
    private func tryProgram() throws(SupervisorError) {
        guard !options.program.isEmpty else { throw SupervisorError("the program's own path is not known", .internal) }
        let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(nowhere) }
        var settings = ProcessSettings()
        settings.inheritsEnvironment = true
        let launch = ProcessLaunch(
            program: options.program, arguments: [options.program, "--version"],
            environment: WorkerStarter.ownEnvironment(), descriptors: [], output: nowhere, settings: settings)
        let pid: pid_t
        do throws(ProcessLaunch.Failure) { pid = try launch.start() } catch {
            throw SupervisorError("\(options.program): \(systemError(error.code))", .noInput)
        }
        let process = gatehouse_process_descriptor(pid)
        defer { close(process) }
        var waiting = pollfd(fd: process, events: Int16(POLLIN), revents: 0)
        // It takes a few milliseconds; whoever is served meanwhile does not notice.
        if poll(&waiting, 1, 5_000) != 1 { gatehouse_signal_process(process, SIGKILL) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else {
            throw SupervisorError("\(options.program) --version fails: nothing was replaced", .internal)
        }
    }

    private func replaceProgram(_ client: ControlClient?) throws(SupervisorError) {
        let state = upgradeState(client)
        let file = try UpgradeFile.write(state)
        defer { close(file) }
        UpgradeFile.setInherited(state.descriptors + [file], true)
        var environment = WorkerStarter.ownEnvironment().merging(manager.variables) { $1 }
        environment[UpgradeState.variable] = String(file)
        let memory = LaunchMemory()
        let words = memory.strings([options.program] + options.arguments)
        execve(options.program, words, memory.strings(environment.map { "\($0.key)=\($0.value)" }))
        let reason = systemError()
        UpgradeFile.setInherited(state.descriptors, false)
        throw SupervisorError("\(options.program): \(reason)", .internal)
    }

    private func upgradeState(_ client: ControlClient?) -> UpgradeState {
        var state = UpgradeState(startedAt: startedAt, started: started)
        state.clients = client.map { [$0.descriptor] } ?? []
        state.sockets = sockets.upgradeState
        for host in hosts.values {
            guard let pool = fleet.pools[host.name] else { continue }
            let workers = pool.workers.compactMap { known in
                host.workers[known.number].map { worker in
                    UpgradeState.Worker(
                        facts: worker.facts, isServing: known.canServe,
                        endpoints: worker.listeners)
                }
            }
            state.pools.append(
                UpgradeState.Pool(
                    name: host.name, balance: host.balance, generation: pool.lastGeneration, crashes: pool.crashes,
                    spawned: pool.spawned, workers: workers, handedOver: host.handedOver.waiting))
        }
        return state
    }

    // MARK: On the other side

    /// Takes over what the program before this one has left, and starts new workers in place of its.
    func takeOver(_ state: UpgradeState) throws(SupervisorError) {
        var adopted: [String: [Fleet.Adopted]] = [:]
        for pool in state.pools {
            guard let host = hosts[pool.name] else { continue }
            adopted[pool.name] = []
            for connection in pool.handedOver ?? [] { host.handedOver.receive(connection) }
            for worker in pool.workers {
                host.workers[worker.facts.number] = try WorkerProcess(worker.facts, listeners: worker.endpoints)
                host.workers[worker.facts.number]?.isReady = true
                host.prepare(host.configuration, generation: worker.facts.generation)
                adopted[pool.name]?.append(
                    Fleet.Adopted(
                        worker: worker.facts.number, generation: worker.facts.generation, isServing: worker.isServing))
            }
        }
        // Of pools that the configuration no longer has, the workers finish what they have.
        for pool in state.pools where hosts[pool.name] == nil {
            for connection in pool.handedOver ?? [] { close(connection.descriptor) }
            for worker in pool.workers { kill(worker.facts.pid, SIGTERM) }
        }
        reloadWaiters = state.clients.map { ControlClient(descriptor: $0) }
        clients += reloadWaiters
        startFleet(adopted: adopted)
        beginReload(only: nil, forced: true)
    }
}
