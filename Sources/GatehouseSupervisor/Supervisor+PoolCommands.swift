internal import GatehouseConfiguration
import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Carries out the commands that ``PoolManager`` decides on.
extension Supervisor {
    /// Handles an event after all commands of the previous one have been carried out. A command can itself cause an
    /// event, such as a failed start; deciding on that at once could start a worker that the remaining commands give
    /// up.
    func perform(_ event: PoolManagerEvent) {
        pending.append(event)
        performPending()
    }

    func perform(_ commands: [PoolManagerCommand]) {
        carryOut(commands)
        performPending()
    }

    /// Handles events in a loop and not by recursion: a worker can have sent tens of thousands of messages at once.
    func performPending() {
        guard !isPerforming else { return }
        var next = 0
        while next < pending.count {
            carryOut(poolManager.handle(pending[next], now: MonotonicClock.milliseconds()))
            next += 1
        }
        pending.removeAll()
    }

    private func carryOut(_ commands: [PoolManagerCommand]) {
        isPerforming = true
        for command in commands { carryOut(command) }
        isPerforming = false
    }

    private func carryOut(_ command: PoolManagerCommand) {
        switch command {
        case .pool(let name, let command):
            if let processes = pools[name] { carryOut(command, processes) }
        case .announceReady: announceReady()
        case .reportFailedStart(let pool, let message):
            if let processes = pools[pool] { say(message, processes, .error) }
        case .reportRollback(let pool, let message):
            if let processes = pools[pool] { say(message, processes) }
            reloads.lastFailure = "pool \(pool): \(message)"
        case .endReload(let progress): endReload(progress)
        case .forget(let pool): pools[pool] = nil
        case .stopListening: stopListening()
        case .finish(let status): exitStatus = status
        }
    }

    private func carryOut(_ command: PoolCommand, _ processes: PoolProcesses) {
        switch command {
        case .say(let line): say(line, processes)
        case .spawn(let worker, let generation): spawn(worker, generation, processes)
        case .prepare(let generation, let earlier): prepare(generation, like: earlier, processes)
        case .promote(let generation): promote(generation, processes)
        case .reject(let generation): reject(generation, processes)
        case .order(let worker, let order): send(order, to: worker, processes)
        case .signal(let worker, let signal): self.signal(worker, signal, processes)
        case .reportCrash(let worker, let end, let during):
            guard let worker = processes.workers[worker] else { return }
            if let culprit = crashes.report(worker, end, during, processes) {
                blame(culprit, of: worker.generation, processes)
            }
        }
    }

    private func spawn(_ number: Int, _ generation: Int, _ processes: PoolProcesses) {
        hasIdleCode = true
        let machine = poolManager.pools[processes.name]
        // A candidate's workers have sockets of their own if the files of the old ones are gone.
        let isOnTrial = machine?.candidate?.generation == generation
        let starter = WorkerStarter(
            processes: processes, sockets: sockets, isOnTrial: isOnTrial, workerProgram: options.workerProgram,
            moduleFolders: crashes.lastingFolder.map(ModuleFolders.init))
        do throws(OperatorError) {
            // Sockets and logs that could not be had at the start may be available by now.
            if machine?.phase == .failed, !isOnTrial { try openMissing(processes.configuration, processes) }
            processes.workers[number] = try starter.start(
                number: number, generation: generation, requests: machine?.requestLimit(of: number),
                now: MonotonicClock.milliseconds())
        } catch {
            let status = error.exitStatus.rawValue
            perform(.pool(processes.name, .spawnFailed(worker: number, message: error.message, exitStatus: status)))
        }
    }

    func send(_ order: WorkerOrder, to number: Int, _ processes: PoolProcesses) {
        guard let worker = processes.workers[number], !worker.send(order) else { return }
        // Reports that it sent until then still count.
        readReports(of: worker, processes, all: true)
        perform(.pool(processes.name, .controlChannelClosed(worker: number)))
    }

    private func signal(_ number: Int, _ signal: Int32, _ processes: PoolProcesses) {
        guard let worker = processes.workers[number] else { return }
        guard worker.isProgram, signal != SIGKILL else { return worker.signal(signal) }
        let now = MonotonicClock.milliseconds()
        processes.leaving.append(PoolProcesses.Leaver(worker: number, signal: signal, since: now, due: now))
    }

    // MARK: Lines about a pool

    /// Says a line with the pool's name, unless it is the only one and has no name of its own.
    func say(_ line: String, _ processes: PoolProcesses, _ level: SupervisorLog.Level = .notice) {
        log.say(isNameless ? line : "\(processes.name): \(line)", level)
    }

    /// Warns if each worker of a generation reads the modules' files itself.
    func sayIfNotCopied(_ processes: PoolProcesses, generation: Int) {
        if let problem = processes.copies[generation]?.problem { say(problem, processes, .warning) }
    }

    var isNameless: Bool { configuration.pools.count == 1 && options.configurationFile.isEmpty }

    func readyLine(_ processes: PoolProcesses) -> String {
        let serving = poolManager.pools[processes.name]?.serving.count ?? 0
        return ReadyLine(processes: processes, sockets: sockets, workers: serving).text
    }
}
