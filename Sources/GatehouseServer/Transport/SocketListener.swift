import CGatehouseSystem
import GatehousePlan
import GatehouseWire
import Glibc
import Logging

/// Accepts on one listening socket for one loop. Confined to the loop's thread.
///
/// Where there is nobody to be balanced with, the poll is level-triggered and wakes one of those that share the socket.
/// Otherwise it is edge-triggered and wakes them all, each decides, and whoever stops before the backlog is empty, for
/// whatever reason, must look at it again by itself: no further event tells of what was left.
final class SocketListener: PollSource, @unchecked Sendable {
    private let listener: Listener
    /// Which of the worker's listeners it is.
    private let index: Int
    private let loop: LoopContext
    private let balance: AcceptBalance?
    private var token: PollToken?
    private var isPaused = false

    /// Whether it will look at the backlog again by itself.
    private var looksAgain = false
    /// How often it has looked at the backlog in vain since that was last empty.
    private var looks = 0
    /// How many connections it takes although others have fewer, because they do not take them.
    private var allowance = 0

    init(_ listener: Listener, index: Int, loop: LoopContext, balance: AcceptBalance?) {
        self.listener = listener
        self.index = index
        self.loop = loop
        self.balance = balance
    }

    /// - Returns: whether the operating system agreed.
    func start() -> Bool {
        token = loop.poll.add(
            listener.descriptor, self, interest: balance == nil ? .readable : [.readable, .edge],
            shared: balance == nil)
        return token != nil
    }

    var descriptor: Int32 { listener.descriptor }

    /// Accepts no more. The socket stays open for the server's other loops.
    /// - Parameter takesBacklog: whether those who have connected already are served here: nobody else might.
    func stop(takesBacklog: Bool) {
        guard let token else { return }
        if !isPaused {
            var left = takesBacklog ? Self.backlog : 0
            while left > 0, acceptNext() != .nothing { left -= 1 }
            if !isPaused, self.token != nil { loop.poll.remove(token) }
        }
        self.token = nil
    }

    /// The most that net.core.somaxconn allows on a machine that nobody has tuned.
    private static let backlog = 4_096
    /// Then the connections that are open already have their turn.
    private static let acceptsAtATime = 16
    private static let gracePeriod: Int64 = 1_000_000
    /// For so many looks others are taken to be merely slow, as all are on a busy machine: one connection goes to
    /// whoever looked. After them to be stuck: then twice as many each time.
    private static let patientLooks = 16

    func ready(for events: PollEvents) {
        if balance != nil { return acceptFairly() }
        // One at a time: with a level-triggered poll the next one is there in the next round, and the connections that
        // are open already are not starved by those that come.
        _ = acceptNext()
        if loop.isFull { pause() }
    }

    // MARK: Balanced

    private func acceptFairly() {
        guard let balance else { return }
        var left = Self.acceptsAtATime
        while token != nil, !isPaused {
            if loop.isFull { return pause() }
            let isAllowed = balance.allowsMore()
            guard isAllowed || allowance > 0 else { return holdBack() }
            guard left > 0 else { return goOn() }
            left -= 1
            switch acceptNext() {
            case .taken: if !isAllowed { allowance -= 1 }
            case .gone: break
            case .nothing:
                looks = 0
                allowance = 0
                return
            }
        }
    }

    /// After the loop's other work.
    private func goOn() {
        guard !looksAgain else { return }
        looksAgain = true
        loop.poll.execute { [self] in
            looksAgain = false
            acceptFairly()
        }
    }

    /// Leaves what is there to others, but not for long: they may be stuck, or not as quick as their numbers promise.
    private func holdBack() {
        guard !looksAgain else { return }
        looksAgain = true
        loop.poll.after(nanoseconds: Self.gracePeriod) { [self] in
            looksAgain = false
            allowance = 1 << max(0, min(looks - Self.patientLooks, 12))
            looks += 1
            acceptFairly()
        }
    }

    // MARK: One connection

    private enum Outcome {
        case taken
        /// It was there and is not any more; the next may be.
        case gone
        /// There is none, or none can be had now.
        case nothing
    }

    private func acceptNext() -> Outcome {
        let descriptor = gatehouse_accept(listener.descriptor)
        guard descriptor >= 0 else { return refused(errno) }
        guard admits(descriptor) else {
            close(descriptor)
            return .taken
        }
        loop.connectionAccepted()
        SocketConnection.open(
            descriptor, wire: listener.gatewayProtocol.connection(loop.limits), loop: loop, listener: index)
        return .taken
    }

    private func refused(_ code: Int32) -> Outcome {
        switch code {
        case EAGAIN: return .nothing  // Another loop was faster.
        case EINVAL:
            // It was shut down: the supervisor is stopping, and the order to drain is on its way.
            stop(takesBacklog: false)
            return .nothing
        // accept(2): what has already gone wrong on the new connection.
        case EINTR, ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENETUNREACH, EHOSTUNREACH: return .gone
        default:
            // The connection stays in the backlog, and the socket ready: without a pause we would spin.
            loop.logger.warning(
                "cannot accept a connection: \(SystemError.text(code)); going on when one has closed, or in a moment",
                metadata: ["endpoint": "\(listener.endpoint)"])
            pause()
            return .nothing
        }
    }

    private func pause() {
        guard let token, !isPaused else { return }
        isPaused = true
        loop.poll.remove(token)
        loop.pause(self)
    }

    /// There may be room again. To be added to the poll anew is to be told of what is there.
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
