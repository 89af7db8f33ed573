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
            guard fleet.phase == .running, fleet.reloading == nil, nextReloads.isEmpty else {
                throw SupervisorError(
                    "a start, a reload or a stop is under way: try again when it is done", .inputOutput)
            }
            try tryProgram()
            log.say("upgrading to the program \(options.program)")
            client?.send(.progress("the supervisor is replaced by \(options.program)"))
            try replaceProgram(client)
        } catch {
            log.say("cannot upgrade: \(error.message)")
            client?.send(.failed(message: "cannot upgrade: \(error.message)", exitStatus: error.exitStatus.rawValue))
        }
    }

    /// What the new program finds wrong with the configuration, and whether it can be asked at all, is found here,
    /// where the old one can still go on. The old one does not judge: what may stand in a configuration can differ.
    private func tryProgram() throws(SupervisorError) {
        guard !options.program.isEmpty else { throw SupervisorError("the program's own path is not known", .internal) }
        let said = gatehouse_memory_file("gatehouse-check")
        guard said >= 0 else { throw SupervisorError("memfd_create: \(systemError())", .internal) }
        defer { close(said) }
        var settings = ProcessSettings()
        settings.inheritsEnvironment = true
        // The same options as "serve" was given, of which they have all in common.
        let launch = ProcessLaunch(
            program: options.program, arguments: [options.program, "check"] + options.arguments.dropFirst(),
            environment: WorkerStarter.ownEnvironment(), descriptors: [], input: STDIN_FILENO, output: said,
            settings: settings)
        let pid: pid_t
        do throws(ProcessLaunch.Failure) { pid = try launch.start() } catch {
            throw SupervisorError("\(options.program): \(systemError(error.code)): nothing was replaced", .noInput)
        }
        let end = Self.wait(for: pid)
        if end == .exited(status: 0) { return }
        guard case .exited(let status) = end else {
            throw SupervisorError(
                "\(options.program) check ends by a signal, or not within five seconds: nothing was replaced",
                .internal)
        }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = max(0, pread(said, &bytes, bytes.count, 0))
        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
            .map { printable(String($0)) }
        throw SupervisorError(
            "nothing was replaced: \(options.program) check says: " + lines.joined(separator: "; "),
            ExitStatus(rawValue: status))
    }

    /// It takes some milliseconds; whoever is served meanwhile does not notice.
    private static func wait(for pid: pid_t) -> WorkerEnd {
        let process = gatehouse_process_descriptor(pid)
        defer { close(process) }
        var waiting = pollfd(fd: process, events: Int16(POLLIN), revents: 0)
        if poll(&waiting, 1, 5_000) != 1 { gatehouse_signal_process(process, SIGKILL) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        var code: Int32 = 0
        return gatehouse_did_exit(status, &code) != 0 ? .exited(status: code) : .killed(signal: code)
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
        state.pools = hosts.values.compactMap { host in fleet.pools[host.name].map { UpgradeState.Pool(host, $0) } }
        return state
    }

    // MARK: On the other side

    /// Takes over what the program before this one has left, and starts new workers in place of its. Nothing else is
    /// opened or started but by the reload that follows, which can fail without harm: to leave now would end what
    /// serves.
    func takeOver(_ state: UpgradeState) throws(SupervisorError) {
        // The time that the program before this one has used up is not known.
        if manager.watchdogInterval != nil { nextWatchdog = Clock.now() }
        let settings = configuration.settings
        configuration.settings = SupervisorSettings()
        applySettings(settings)
        sockets.adopt(state.sockets)
        for left in state.pools {
            let pool = configuration.pools.first { $0.name == left.name }
            let host = try PoolHost(left, configuration: pool)
            hosts[host.name] = host
            do throws(SupervisorError) {
                host.accessLog = try PoolHost.openAccessLog(host.configuration)
            } catch {
                say(error.message, host)
            }
        }
        configuration.pools = configuration.pools.compactMap { hosts[$0.name]?.configuration }
        reloadWaiters = state.clients.map { ControlClient(descriptor: $0) }
        clients += reloadWaiters
        startFleet(adopted: Dictionary(state.pools.map { ($0.name, $0.adopted) }) { first, _ in first })
        beginReload(only: nil, forced: true)
    }
}
