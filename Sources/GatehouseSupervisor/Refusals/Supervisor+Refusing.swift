internal import CGatehouseSystem
import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Clients of a pool that no worker serves are answered here, instead of waiting in its sockets' queues.
extension Supervisor {
    /// Whether the supervisor accepts for the pool now.
    func refuses(_ processes: PoolProcesses, _ now: Int) -> Bool {
        poolManager.pools[processes.name]?.isUnreachable == true && !refusals.isPaused(now: now)
    }

    /// Answers clients that wait at an endpoint.
    func refuse(_ processes: PoolProcesses, at socket: ListeningSocket) {
        // A worker may have begun to serve in this turn.
        guard refuses(processes, MonotonicClock.milliseconds()) else { return }
        refuseWaiting(processes, at: socket, atMost: Refusals.mostAtATime)
    }

    /// Accepts connections that are there and answers them.
    func refuseWaiting(_ processes: PoolProcesses, at socket: ListeningSocket, atMost most: Int) {
        for _ in 0..<most {
            let descriptor = socket.accept()
            guard descriptor >= 0 else { return refusals.acceptFailed(errno, now: MonotonicClock.milliseconds()) }
            guard isAllowed(descriptor, processes) else {
                close(descriptor)
                continue
            }
            refuse(descriptor, of: processes, at: socket.endpoint)
        }
    }

    /// - Parameter descriptor: belongs to the supervisor from now on, whichever process accepted it.
    func refuse(_ descriptor: Int32, of processes: PoolProcesses, at endpoint: Endpoint) {
        let now = MonotonicClock.milliseconds()
        if processes.refused == processes.refusedBefore {
            say(
                poolManager.isStopping
                    ? "the supervisor is stopping: waiting clients are answered 503"
                    : "nobody serves: clients are answered 503 until a worker can be started", processes)
        }
        processes.refused += 1
        let seconds = poolManager.pools[processes.name]?.retryAfter(now: now) ?? 1
        refusals.add(
            RefusedConnection(descriptor: descriptor, scheme: endpoint.scheme, retryAfter: seconds, now: now))
    }

    /// Whether the peer is on the list of users that workers check, too.
    func isAllowed(_ descriptor: Int32, _ processes: PoolProcesses) -> Bool {
        guard let allowed = processes.configuration.socket.allowedUsers else { return true }
        var process: pid_t = 0
        var user: uid_t = 0
        var group: gid_t = 0
        return gatehouse_peer_credentials(descriptor, &process, &user, &group) == 0 && allowed.contains(user)
    }

    /// Says when workers serve again; from the loop.
    func endRefusing() {
        refusals.removeDone(now: MonotonicClock.milliseconds())
        for processes in pools.values where processes.refused > processes.refusedBefore {
            guard let machine = poolManager.pools[processes.name], !machine.isUnreachable else { continue }
            let count = processes.refused - processes.refusedBefore
            processes.refusedBefore = processes.refused
            say("\(count == 1 ? "1 connection was" : "\(count) connections were") answered 503 meanwhile", processes)
        }
    }
}
