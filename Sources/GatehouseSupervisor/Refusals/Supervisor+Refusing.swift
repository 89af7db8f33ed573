internal import CGatehouseSystem
import GatehouseConfiguration
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// Clients of a pool that no worker serves are answered here, instead of waiting in its sockets' queues.
extension Supervisor {
    /// Whether the supervisor accepts for the pool now.
    func refuses(_ host: PoolProcesses, _ now: Int) -> Bool {
        poolManager.pools[host.name]?.isUnreachable == true && !refusals.isPaused(now: now)
    }

    /// Answers clients that wait at an endpoint.
    func refuse(_ host: PoolProcesses, at socket: ListeningSocket) {
        // A worker may have begun to serve in this turn.
        guard refuses(host, MonotonicClock.milliseconds()) else { return }
        refuseWaiting(host, at: socket, atMost: Refusals.mostAtATime)
    }

    /// Accepts connections that are there and answers them.
    func refuseWaiting(_ host: PoolProcesses, at socket: ListeningSocket, atMost most: Int) {
        for _ in 0..<most {
            let descriptor = socket.accept()
            guard descriptor >= 0 else { return refusals.acceptFailed(errno, now: MonotonicClock.milliseconds()) }
            guard isAllowed(descriptor, host) else {
                close(descriptor)
                continue
            }
            refuse(descriptor, of: host, at: socket.endpoint)
        }
    }

    /// - Parameter descriptor: belongs to the supervisor from now on, whichever process accepted it.
    func refuse(_ descriptor: Int32, of host: PoolProcesses, at endpoint: Endpoint) {
        let now = MonotonicClock.milliseconds()
        if host.refused == host.refusedBefore {
            say(
                poolManager.isStopping
                    ? "the supervisor is stopping: waiting clients are answered 503"
                    : "nobody serves: clients are answered 503 until a worker can be started", host)
        }
        host.refused += 1
        let seconds = poolManager.pools[host.name]?.retryAfter(now: now) ?? 1
        refusals.add(
            RefusedConnection(descriptor: descriptor, scheme: endpoint.scheme, retryAfter: seconds, now: now))
    }

    /// Whether the peer is on the list of users that workers check, too.
    func isAllowed(_ descriptor: Int32, _ host: PoolProcesses) -> Bool {
        guard let allowed = host.configuration.socket.allowedUsers else { return true }
        var process: pid_t = 0
        var user: uid_t = 0
        var group: gid_t = 0
        return gatehouse_peer_credentials(descriptor, &process, &user, &group) == 0 && allowed.contains(user)
    }

    /// Says when workers serve again; from the loop.
    func endRefusing() {
        refusals.removeDone(now: MonotonicClock.milliseconds())
        for host in hosts.values where host.refused > host.refusedBefore {
            guard let machine = poolManager.pools[host.name], !machine.isUnreachable else { continue }
            let count = host.refused - host.refusedBefore
            host.refusedBefore = host.refused
            say("\(count == 1 ? "1 connection was" : "\(count) connections were") answered 503 meanwhile", host)
        }
    }
}
