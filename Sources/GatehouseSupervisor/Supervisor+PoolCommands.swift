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
            if let host = hosts[name] { carryOut(command, host) }
        case .announceReady: announceReady()
        case .reportFailedStart(let pool, let message):
            if let host = hosts[pool] { say(message, host, .error) }
        case .reportRollback(let pool, let message):
            if let host = hosts[pool] { say(message, host) }
            reloads.lastFailure = "pool \(pool): \(message)"
        case .endReload(let progress): endReload(progress)
        case .forget(let pool): hosts[pool] = nil
        case .stopListening: stopListening()
        case .finish(let status): exitStatus = status
        }
    }

    private func carryOut(_ command: PoolCommand, _ host: PoolProcesses) {
        switch command {
        case .say(let line): say(line, host)
        case .spawn(let worker, let generation): spawn(worker, generation, host)
        case .prepare(let generation, let earlier): prepare(generation, like: earlier, host)
        case .promote(let generation): promote(generation, host)
        case .reject(let generation): reject(generation, host)
        case .order(let worker, let order): send(order, to: worker, host)
        case .signal(let worker, let signal): self.signal(worker, signal, host)
        case .reportCrash(let worker, let end, let during):
            guard let worker = host.workers[worker] else { return }
            if let culprit = crashes.report(worker, end, during, host) {
                blame(culprit, of: worker.generation, host)
            }
        }
    }

    private func spawn(_ number: Int, _ generation: Int, _ host: PoolProcesses) {
        hasIdleCode = true
        let machine = poolManager.pools[host.name]
        // A candidate's workers have sockets of their own if the files of the old ones are gone.
        let isOnTrial = machine?.candidate?.generation == generation
        let starter = WorkerStarter(
            host: host, sockets: sockets, isOnTrial: isOnTrial, workerProgram: options.workerProgram)
        do throws(OperatorError) {
            // Sockets and logs that could not be had at the start may be available by now.
            if machine?.phase == .failed, !isOnTrial { try openMissing(host.configuration, host) }
            host.workers[number] = try starter.start(
                number: number, generation: generation, requests: machine?.requestLimit(of: number),
                now: MonotonicClock.milliseconds())
        } catch {
            let status = error.exitStatus.rawValue
            perform(.pool(host.name, .spawnFailed(worker: number, message: error.message, exitStatus: status)))
        }
    }

    func send(_ order: WorkerOrder, to number: Int, _ host: PoolProcesses) {
        guard let worker = host.workers[number], !worker.send(order) else { return }
        // Reports that it sent until then still count.
        readReports(of: worker, host, all: true)
        perform(.pool(host.name, .controlChannelClosed(worker: number)))
    }

    private func signal(_ number: Int, _ signal: Int32, _ host: PoolProcesses) {
        guard let worker = host.workers[number] else { return }
        guard worker.isProgram, signal != SIGKILL else { return worker.signal(signal) }
        let now = MonotonicClock.milliseconds()
        host.leaving.append(PoolProcesses.Leaver(worker: number, signal: signal, since: now, due: now))
    }

    // MARK: Lines about a pool

    /// Says a line with the pool's name, unless it is the only one and has no name of its own.
    func say(_ line: String, _ host: PoolProcesses, _ level: SupervisorLog.Level = .notice) {
        log.say(isNameless ? line : "\(host.name): \(line)", level)
    }

    /// Warns if each worker of a generation reads the modules' files itself.
    func sayIfNotCopied(_ host: PoolProcesses, generation: Int) {
        if let problem = host.copies[generation]?.problem { say(problem, host, .warning) }
    }

    var isNameless: Bool { configuration.pools.count == 1 && options.configurationFile.isEmpty }

    func readyLine(_ host: PoolProcesses) -> String {
        let serving = poolManager.pools[host.name]?.serving.count ?? 0
        return ReadyLine(host: host, sockets: sockets, workers: serving).text
    }
}
