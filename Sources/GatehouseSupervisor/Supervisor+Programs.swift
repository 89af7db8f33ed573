import GatehouseConfiguration
import GatehousePlan
internal import Glibc

/// Programs: whether they are up, which socket is whose, and when they are told to leave.
extension Supervisor {
    /// A program is told to leave when nobody waits on its socket any more, or after so many milliseconds.
    private static let queuePatience = 1_000
    /// How long whoever has found the socket's file before it was replaced may take to be in the queue.
    private static let connectingTime = 10

    // MARK: Whether they are up

    /// Asks on behalf of those that have not answered yet; each turn of the loop.
    func probePrograms(_ now: Int) {
        for host in hosts.values {
            let waiting = poolManager.pools[host.name]?.workers.filter(\.awaitsAnswer) ?? []
            host.probes = host.probes.filter { probe in waiting.contains { $0.generation == probe.key } }
            for generation in Set(waiting.map(\.generation)).sorted() {
                let workers = waiting.filter { $0.generation == generation && host.workers[$0.number] != nil }
                guard !workers.isEmpty else { continue }
                probe(workers, generation, of: host, now)
            }
        }
    }

    private func probe(_ waiting: [SupervisedWorker], _ generation: Int, of host: PoolProcesses, _ now: Int) {
        guard let probe = host.probes[generation] ?? makeProbe(generation, of: host, now) else { return }
        host.probes[generation] = probe
        switch probe.advance(now: now) {
        case .waiting: return
        case .answered:
            host.probes[generation] = nil
            for worker in waiting { perform(.pool(host.name, .answered(worker: worker.number))) }
        case .refused(let reason):
            for worker in waiting { perform(.pool(host.name, .refused(worker: worker.number, reason: reason))) }
        case .unknowable(let reason):
            // All that is left to be seen is that it lives.
            for worker in waiting where now - worker.startedAt >= PoolStateMachine.settlingTime {
                say("program \(worker.number) counts as up because it lives: \(reason)", host)
                perform(.pool(host.name, .answered(worker: worker.number)))
            }
        }
    }

    private func makeProbe(_ generation: Int, of host: PoolProcesses, _ now: Int) -> ProgramProbe? {
        guard let pool = host.configurations[generation], let program = pool.program else { return nil }
        let isOnTrial = poolManager.pools[host.name]?.candidate?.generation == generation
        let targets = pool.endpoints.flatMap { endpoint in
            host.sockets(for: endpoint, generation: generation, isOnTrial: isOnTrial, in: sockets).map {
                ProgramProbe.Target(listener: $0.descriptor, path: $0.ownPath, endpoint: endpoint)
            }
        }
        let isAlone = pool.endpoints.allSatisfy { host.besides[generation]?[$0] != nil }
        let isShared = !isAlone && host.workers.values.contains { $0.generation != generation }
        let directory = pool.process.directory ?? "/"
        return ProgramProbe(
            targets, now: now,
            request: { scheme in program.probe.map { ProgramRequest(path: $0, scheme: scheme, directory: directory) } },
            isAsked: isShared && SocketHolder.canBeFound
                ? { [unowned host] inode in
                    let others = host.workers.values.filter { $0.generation != generation }.map(\.pid)
                    return !SocketHolder.isHeld(inode, byGroups: Set(others))
                } : nil)
    }

    /// When a program is to be asked, or told to leave, the next time.
    var programsDue: Int {
        hosts.values.reduce(Int.max) { due, host in
            let probes = host.probes.values.map(\.due).min() ?? .max
            let leaving = host.leaving.map(\.due).min() ?? .max
            return min(due, probes, leaving)
        }
    }

    // MARK: Which socket is whose

    /// Sockets of its own for a generation of programs that is about to be tried, as far as that can be. The others it
    /// shares with those that serve.
    func openBeside(_ host: PoolProcesses, generation: Int) {
        guard let pool = host.configurations[generation], pool.program != nil else { return }
        // What was made for this generation is its own already, and clients may wait there.
        let own = reloadAtHand?.opened.union(sockets.renewed) ?? []
        for endpoint in pool.endpoints where !own.contains(endpoint) {
            let present = sockets.sockets(for: endpoint)
            guard present.count == 1 else { continue }
            host.besides[generation, default: [:]][endpoint] = present[0].openBeside(
                generation: generation, settings: pool.socket)
        }
    }

    /// The generation serves: clients find its sockets from now on.
    func promoteSockets(of host: PoolProcesses, generation: Int) {
        for (endpoint, socket) in host.besides.removeValue(forKey: generation) ?? [:] {
            do throws(SupervisorError) {
                guard let old = try sockets.replace(endpoint, with: socket) else { continue }
                host.retired.append(old)
            } catch {
                socket.removeFile()
                say(error.message, host, .error)
            }
        }
    }

    /// What a trial that is over has left; each turn of the loop.
    func closeUnusedSockets(of host: PoolProcesses) {
        let machine = poolManager.pools[host.name]
        for (generation, sockets) in host.besides where generation != machine?.candidate?.generation {
            sockets.values.forEach { $0.removeFile() }
            host.besides[generation] = nil
        }
        guard !host.retired.isEmpty, let serving = machine?.generation else { return }
        if !host.workers.values.contains(where: { $0.generation < serving }) { host.retired = [] }
    }

    /// A generation of an earlier one's settings is about to be tried.
    func prepare(_ generation: Int, like earlier: Int, _ host: PoolProcesses) {
        host.prepare(generation: generation, like: earlier)
        guard let pool = host.configurations[generation] else { return }
        for endpoint in pool.endpoints {
            do throws(SupervisorError) { try sockets.open(endpoint, settings: pool.socket) } catch {
                say(error.message, host)
            }
        }
        // If nobody serves, clients wait in the queue that is there, and the next program is to have it.
        if poolManager.pools[host.name]?.serving.isEmpty == false { openBeside(host, generation: generation) }
    }

    // MARK: When they leave

    /// Without waiting for anybody.
    func sendStopSignals(of host: PoolProcesses) {
        for leaver in host.leaving { host.workers[leaver.worker]?.signal(leaver.signal) }
        host.leaving = []
    }

    /// Those whose sockets have been replaced still have to accept what waits there.
    func stopPrograms(of host: PoolProcesses, _ now: Int) {
        guard !host.leaving.isEmpty else { return }
        let serving = poolManager.pools[host.name]?.generation ?? 0
        let isAwaited = host.retired.contains { (ListeningQueue.depth(of: $0.descriptor)?.waiting ?? 0) > 0 }
        host.leaving = host.leaving.compactMap { leaver in
            guard let worker = host.workers[leaver.worker] else { return nil }
            let time = now - leaver.since
            let isDone = !isAwaited && time >= Self.connectingTime
            if host.retired.isEmpty || worker.generation >= serving || isDone || time >= Self.queuePatience {
                worker.signal(leaver.signal)
                return nil
            }
            var leaver = leaver
            leaver.due = now + Self.connectingTime
            return leaver
        }
    }
}
