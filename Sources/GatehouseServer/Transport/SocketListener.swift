import CGatehouseSystem
import GatehouseWire
import Glibc
import Logging

/// Accepts on one listening socket for one loop. Confined to the loop's thread.
final class SocketListener: PollSource, @unchecked Sendable {
    private let listener: Listener
    private let loop: LoopContext
    private var token: PollToken?
    private var isPaused = false

    init(_ listener: Listener, loop: LoopContext) {
        self.listener = listener
        self.loop = loop
    }

    /// - Returns: whether the operating system agreed.
    func start() -> Bool {
        token = loop.poll.add(listener.descriptor, self, interest: .readable, shared: true)
        return token != nil
    }

    var descriptor: Int32 { listener.descriptor }

    /// Accepts no more. The socket stays open for the server's other loops.
    /// Who has connected already is still served: nobody else might be.
    func stop() {
        guard let token else { return }
        if !isPaused {
            var left = Self.backlog
            while left > 0, acceptNext() { left -= 1 }
            loop.poll.remove(token)
        }
        self.token = nil
    }

    /// The most that net.core.somaxconn allows on a machine that nobody has tuned.
    private static let backlog = 4_096

    func ready(for events: PollEvents) {
        // One at a time: with a level-triggered poll the next one is there in the next round, and the connections that
        // are open already are not starved by those that come.
        _ = acceptNext()
        if loop.isFull { pause() }
    }

    /// - Returns: whether there was one.
    private func acceptNext() -> Bool {
        let descriptor = gatehouse_accept(listener.descriptor)
        guard descriptor >= 0 else {
            refused(errno)
            return false
        }
        guard admits(descriptor) else {
            close(descriptor)
            return true
        }
        let wire: any GatewayConnection =
            switch listener.gatewayProtocol {
            case .fastCGI: FastCGIConnection(limits: loop.limits)
            case .scgi: SCGIConnection(limits: loop.limits)
            }
        SocketConnection.open(descriptor, wire: wire, loop: loop)
        return true
    }

    private func refused(_ code: Int32) {
        switch code {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            // The connection stays in the backlog, and the socket ready: without a pause we would spin.
            loop.logger.warning(
                "cannot accept a connection: \(SystemError.text(code)); going on when one has closed, or in a moment",
                metadata: ["endpoint": "\(listener.endpoint)"])
            pause()
        default: break  // The peer has gone again, or another loop was faster.
        }
    }

    private func pause() {
        guard let token, !isPaused else { return }
        isPaused = true
        loop.poll.remove(token)
        loop.pause(self)
    }

    /// There may be room again.
    func resume() {
        guard isPaused, let old = token else { return }
        isPaused = false
        if start() { return }
        token = old
        isPaused = true
        loop.pause(self)
    }

    /// SO_PEERCRED against the listener's list of users.
    private func admits(_ descriptor: Int32) -> Bool {
        guard let allowed = listener.allowedUsers else { return true }
        var process: pid_t = 0
        var user: uid_t = 0
        var group: gid_t = 0
        let known = gatehouse_peer_credentials(descriptor, &process, &user, &group) == 0
        if known, allowed.contains(user) { return true }
        loop.logger.warning(
            "connection refused: user \(known ? "\(user)" : "unknown") is not in allow-users",
            metadata: ["endpoint": "\(listener.endpoint)", "pid": "\(process)"])
        return false
    }
}
