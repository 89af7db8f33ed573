import GatehouseConfiguration
import GatehousePlan
internal import Glibc

/// The sockets of pools: opened, told of, given up.
extension Supervisor {
    /// Opens what a pool's workers need and could not have so far: all of it that can be had, so that no socket that
    /// systemd has passed is given back for another's sake.
    func openMissing(_ pool: PoolConfiguration, _ host: PoolProcesses) throws(SupervisorError) {
        var failure: SupervisorError?
        for endpoint in pool.endpoints {
            do throws(SupervisorError) {
                try sockets.open(endpoint, settings: pool.socket)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        if host.accessLog == nil { host.accessLog = try PoolProcesses.openAccessLog(pool) }
    }

    /// Connections that wait in the queue of a socket whose file is gone: the new workers know nothing of it. Programs
    /// take none over, so the old ones are to accept them before they leave.
    func takeOverQueue(of socket: ListeningSocket, _ host: PoolProcesses) {
        guard host.configuration.program == nil else { return host.retired.append(socket) }
        while !host.handedOver.isFull {
            let descriptor = socket.accept()
            guard descriptor >= 0 else { return }
            guard isAllowed(descriptor, host) else {
                close(descriptor)
                continue
            }
            host.handedOver.receive(
                HandedOverConnections.Connection(descriptor: descriptor, endpoint: socket.endpoint.description))
        }
    }

    /// Only root may connect, and a front server is rarely that.
    func sayWhoMayNotConnect(_ host: PoolProcesses) {
        for endpoint in host.configuration.endpoints {
            for warning in sockets.sockets(for: endpoint).compactMap({ $0.reach?.warning }) {
                say("\(endpoint): \(warning)", host)
            }
        }
    }

    /// Says once that a socket file is gone.
    func sayWhatIsLost(_ host: PoolProcesses) {
        guard !poolManager.isStopping else { return }
        let lost = Set(host.configuration.endpoints.filter(sockets.isLost))
        for endpoint in lost.subtracting(host.lostEndpoints) {
            for problem in sockets.sockets(for: endpoint).compactMap(\.problem) { say("\(endpoint): \(problem)", host) }
        }
        host.lostEndpoints = lost
    }

    // MARK: The end

    func stopListening() {
        // The files first: workers still accept what waits in the backlog, and nothing new gets there.
        sockets.removeFiles()
        if listeningEnds == nil { listeningEnds = Clock.now() + SocketTable.gracePeriod }
    }

    /// From the loop: once no worker accepts any more, nobody shall connect in vain.
    func endListening() {
        guard let due = listeningEnds else { return }
        guard Clock.now() >= due || poolManager.pools.values.allSatisfy(\.hasStoppedAccepting) else { return }
        listeningEnds = nil
        // Those too that a reload has opened, which will not end any more.
        for endpoint in sockets.endpoints {
            let host = hosts.values.first { $0.configuration.endpoints.contains(endpoint) }
            for socket in sockets.endListening(endpoint) {
                // Nobody else will answer what has come too late for the workers, or found none.
                if let host { refuseWaiting(host, at: socket, atMost: Int(ListeningSocket.backlog)) }
                socket.stopListening()
            }
        }
    }
}
