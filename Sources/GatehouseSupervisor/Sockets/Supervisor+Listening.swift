import GatehouseConfiguration
import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The sockets of pools: opened, described, given up.
extension Supervisor {
    /// Opens the sockets and the log that a pool's workers need and do not have yet. One failure does not keep the
    /// others from being opened: every socket that systemd passed must find its pool.
    func openMissing(_ pool: PoolConfiguration, _ processes: PoolProcesses) throws(OperatorError) {
        var failure: OperatorError?
        for endpoint in pool.endpoints {
            do throws(OperatorError) {
                try sockets.open(endpoint, settings: pool.socket)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        if processes.accessLog == nil { processes.accessLog = try PoolProcesses.openAccessLog(pool) }
    }

    /// Takes connections from the queue of a socket whose file is gone and which the new workers do not have. Programs
    /// take no connections over, so the old programs accept them before they leave.
    func takeOverQueue(of socket: ListeningSocket, _ processes: PoolProcesses) {
        guard processes.configuration.program == nil else { return processes.retired.append(socket) }
        while !processes.handedOver.isFull {
            let descriptor = socket.accept()
            guard descriptor >= 0 else { return }
            guard isAllowed(descriptor, processes) else {
                close(descriptor)
                continue
            }
            processes.handedOver.receive(
                HandedOverConnections.Connection(descriptor: descriptor, endpoint: socket.endpoint.description))
        }
    }

    /// Warns if only root may connect: a front server rarely runs as root.
    func sayWhoMayNotConnect(_ processes: PoolProcesses) {
        for endpoint in processes.configuration.endpoints {
            for warning in sockets.sockets(for: endpoint).compactMap({ $0.reach?.warning }) {
                say("\(endpoint): \(warning)", processes)
            }
        }
    }

    /// Says once that a socket file is gone.
    func sayWhatIsLost(_ processes: PoolProcesses) {
        guard !poolManager.isStopping else { return }
        let lost = Set(processes.configuration.endpoints.filter(sockets.isLost))
        for endpoint in lost.subtracting(processes.lostEndpoints) {
            for problem in sockets.sockets(for: endpoint).compactMap(\.problem) {
                say("\(endpoint): \(problem)", processes)
            }
        }
        processes.lostEndpoints = lost
    }

    // MARK: The end

    func stopListening() {
        // The files first: workers still accept connections in the backlog, and no new ones get there.
        sockets.removeFiles()
        if listeningEnds == nil { listeningEnds = MonotonicClock.milliseconds() + SocketTable.gracePeriod }
    }

    /// Stops listening once no worker accepts any more, so that no client connects in vain; from the loop.
    func endListening() {
        guard let due = listeningEnds else { return }
        let isOver = MonotonicClock.milliseconds() >= due
        guard isOver || poolManager.pools.values.allSatisfy(\.hasStoppedAccepting) else { return }
        listeningEnds = nil
        // This includes sockets that a reload opened, which will not end any more.
        for endpoint in sockets.endpoints {
            let processes = pools.values.first { $0.configuration.endpoints.contains(endpoint) }
            for socket in sockets.endListening(endpoint) {
                // No worker will answer connections that came too late, or while there was none.
                if let processes { refuseWaiting(processes, at: socket, atMost: Int(ListeningSocket.backlog)) }
                socket.stopListening()
            }
        }
    }
}
