import GatehouseConfiguration
import GatehousePlan
internal import Glibc

/// Programs: probed until they are up, given sockets of their own, and told to leave.
extension Supervisor {
    /// The longest time in milliseconds that a program is kept for clients that still wait on its socket.
    private static let queueTimeout = 1_000
    /// The time for a client that found the socket's file before it was replaced to get into the queue.
    private static let connectingTime = 10

    // MARK: Probing

    /// Probes programs that have not answered yet; called in each turn of the loop.
    func probePrograms(_ now: Int) {
        for processes in pools.values {
            let waiting = poolManager.pools[processes.name]?.workers.filter(\.awaitsAnswer) ?? []
            processes.probes = processes.probes.filter { probe in waiting.contains { $0.generation == probe.key } }
            for generation in Set(waiting.map(\.generation)).sorted() {
                let workers = waiting.filter { $0.generation == generation && processes.workers[$0.number] != nil }
                guard !workers.isEmpty else { continue }
                probe(workers, generation, of: processes, now)
            }
        }
    }

    private func probe(_ waiting: [SupervisedWorker], _ generation: Int, of processes: PoolProcesses, _ now: Int) {
        guard let probe = processes.probes[generation] ?? makeProbe(generation, of: processes, now) else { return }
        processes.probes[generation] = probe
        switch probe.advance(now: now) {
        case .waiting: return
        case .answered:
            processes.probes[generation] = nil
            for worker in waiting { perform(.pool(processes.name, .answered(worker: worker.number))) }
        case .refused(let reason):
            for worker in waiting { perform(.pool(processes.name, .refused(worker: worker.number, reason: reason))) }
        case .unknowable(let reason):
            // The only visible sign is that it still runs.
            for worker in waiting where now - worker.startedAt >= PoolStateMachine.settlingTime {
                say("program \(worker.number) counts as up because it lives: \(reason)", processes)
                perform(.pool(processes.name, .answered(worker: worker.number)))
            }
        }
    }

    private func makeProbe(_ generation: Int, of processes: PoolProcesses, _ now: Int) -> ProgramProbe? {
        guard let pool = processes.configurations[generation], let program = pool.program else { return nil }
        let isOnTrial = poolManager.pools[processes.name]?.candidate?.generation == generation
        let targets = pool.endpoints.flatMap { endpoint in
            processes.sockets(for: endpoint, generation: generation, isOnTrial: isOnTrial, in: sockets).map {
                ProgramProbe.Target(listener: $0.descriptor, path: $0.ownPath, endpoint: endpoint)
            }
        }
        let isAlone = pool.endpoints.allSatisfy { processes.besides[generation]?[$0] != nil }
        let isShared = !isAlone && processes.workers.values.contains { $0.generation != generation }
        let directory = pool.process.directory ?? "/"
        return ProgramProbe(
            targets, now: now,
            request: { scheme in program.probe.map { ProgramRequest(path: $0, scheme: scheme, directory: directory) } },
            isAsked: isShared && SocketHolder.canBeFound
                ? { [unowned processes] inode in
                    let others = processes.workers.values.filter { $0.generation != generation }.map(\.pid)
                    return !SocketHolder.isHeld(inode, byGroups: Set(others))
                } : nil)
    }

    /// The next time at which a program is to be probed, or told to leave.
    var programsDue: Int {
        pools.values.reduce(Int.max) { due, processes in
            let probes = processes.probes.values.map(\.due).min() ?? .max
            let leaving = processes.leaving.map(\.due).min() ?? .max
            return min(due, probes, leaving)
        }
    }

    // MARK: Sockets

    /// Opens separate sockets for a generation of programs that is about to be tried, as far as they can be made. It
    /// shares all others with the programs that serve.
    func openBeside(_ processes: PoolProcesses, generation: Int) {
        guard let pool = processes.configurations[generation], pool.program != nil else { return }
        // Sockets made for this reload are its own already, and clients may wait there.
        let own = reloads.current?.opened.union(sockets.renewed) ?? []
        for endpoint in pool.endpoints where !own.contains(endpoint) {
            let present = sockets.sockets(for: endpoint)
            guard present.count == 1 else { continue }
            processes.besides[generation, default: [:]][endpoint] = present[0].openBeside(
                generation: generation, settings: pool.socket)
        }
    }

    /// The generation serves: clients find its sockets from now on.
    func promoteSockets(of processes: PoolProcesses, generation: Int) {
        for (endpoint, socket) in processes.besides.removeValue(forKey: generation) ?? [:] {
            do throws(OperatorError) {
                guard let old = try sockets.replace(endpoint, with: socket) else { continue }
                processes.retired.append(old)
            } catch {
                socket.removeFile()
                say(error.message, processes, .error)
            }
        }
    }

    /// Closes sockets that a trial left behind; called in each turn of the loop.
    func closeUnusedSockets(of processes: PoolProcesses) {
        let machine = poolManager.pools[processes.name]
        for (generation, sockets) in processes.besides where generation != machine?.candidate?.generation {
            sockets.values.forEach { $0.removeFile() }
            processes.besides[generation] = nil
        }
        guard !processes.retired.isEmpty, let serving = machine?.generation else { return }
        if !processes.workers.values.contains(where: { $0.generation < serving }) { processes.retired = [] }
    }

    // MARK: Leaving

    /// Tells all programs that are about to leave to do so now, even if clients wait on their sockets.
    func sendStopSignals(of processes: PoolProcesses) {
        for leaver in processes.leaving { processes.workers[leaver.worker]?.signal(leaver.signal) }
        processes.leaving = []
    }

    /// Tells programs to leave. Those whose sockets were replaced first have to accept the clients that wait there.
    func stopPrograms(of processes: PoolProcesses, _ now: Int) {
        guard !processes.leaving.isEmpty else { return }
        let serving = poolManager.pools[processes.name]?.generation ?? 0
        let isAwaited = processes.retired.contains { (ListeningQueue.depth(of: $0.descriptor)?.waiting ?? 0) > 0 }
        processes.leaving = processes.leaving.compactMap { leaver in
            guard let worker = processes.workers[leaver.worker] else { return nil }
            let time = now - leaver.since
            let isDone = !isAwaited && time >= Self.connectingTime
            if processes.retired.isEmpty || worker.generation >= serving || isDone || time >= Self.queueTimeout {
                worker.signal(leaver.signal)
                return nil
            }
            var leaver = leaver
            leaver.due = now + Self.connectingTime
            return leaver
        }
    }
}
