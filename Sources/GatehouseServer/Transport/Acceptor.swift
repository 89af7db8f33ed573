import CGatehouseSystem
import GatehousePlan
import GatehouseSystem
import GatehouseWire
import Glibc
import Logging
import Synchronization

/// Accepts on one listening socket for one loop. Confined to the loop's thread.
///
/// Without a balance, the poll is level-triggered and wakes one of the loops that share the socket. With one, it is
/// edge-triggered and wakes them all, and each decides; a loop that stops before the backlog is empty, for whatever
/// reason, must look at it again by itself, because no further event reports the rest.
final class Acceptor: PollSource, @unchecked Sendable {
    private let listener: Listener
    /// The listener's index in this worker.
    private let index: Int
    private let loop: LoopContext
    private let balance: AcceptBalance?
    private var token: PollToken?
    private var isPaused = false

    /// Whether another look at the backlog is scheduled.
    private var looksAgain = false
    /// The number of times that it has left connections to others since the backlog was last empty.
    private var looks = 0
    /// The connections that it may take although others have fewer, because those do not take them.
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
    /// - Parameter takesBacklog: whether the connections in the backlog are served here: no other worker might.
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
    /// The most connections accepted in a row; then the open ones have their turn.
    private static let acceptsAtATime = 16
    /// Nanoseconds after which the open ones have their turn, because handlers run meanwhile.
    private static let acceptTime: Int64 = 1_000_000
    /// Nanoseconds for which connections are left to others.
    private static let gracePeriod: Int64 = 1_000_000
    /// The number of looks during which the others count as merely slow, as all are on a busy machine; each look takes
    /// one connection. After that the others count as stuck, and each look takes twice as many as the one before.
    private static let patientLooks = 16

    func ready(for events: PollEvents) {
        if balance != nil { return acceptFairly() }
        // Those that are gone again, answered, take nothing from anybody. One that stays is the turn's last: the poll
        // is level-triggered and reports the next one in the next turn, perhaps to another loop.
        for _ in 0..<Self.acceptsAtATime {
            guard acceptNext().isGone, !isPaused, !isOutOfTime else { break }
        }
        if loop.isFull { pause() }
    }

    private var isOutOfTime: Bool { MonotonicClock.nanoseconds() - loop.poll.turnBegan > Self.acceptTime }

    // MARK: Balanced

    private func acceptFairly() {
        guard let balance else { return }
        var left = Self.acceptsAtATime
        while token != nil, !isPaused {
            if loop.isFull { return pause() }
            let isAllowed = balance.allowsMore()
            guard isAllowed || allowance > 0 else { return holdBack() }
            // One is taken in any case: what else the loop does may use up the time of every turn.
            guard left == Self.acceptsAtATime || left > 0 && !isOutOfTime else { return goOn() }
            left -= 1
            switch acceptNext() {
            case .taken, .answered: if !isAllowed { allowance -= 1 }
            case .gone: break
            case .nothing:
                looks = 0
                allowance = 0
                return
            }
        }
    }

    /// Goes on after the loop's other work.
    private func goOn() {
        guard !looksAgain else { return }
        looksAgain = true
        loop.poll.execute { [self] in
            looksAgain = false
            acceptFairly()
        }
    }

    /// Leaves the backlog to others, but not for long: they may be stuck, or slower than their numbers promise.
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
        /// The connection was taken, answered, and has ended.
        case answered
        /// The connection is not there any more; the next may be.
        case gone
        /// No connection is there, or none can be accepted now.
        case nothing

        var isGone: Bool { self == .answered || self == .gone }
    }

    private func acceptNext() -> Outcome {
        let descriptor = gatehouse_accept(listener.descriptor)
        guard descriptor >= 0 else { return refused(errno) }
        guard admits(descriptor) else {
            close(descriptor)
            return .gone
        }
        loop.connectionAccepted()
        let isOpen = SocketConnection.open(
            descriptor, isUnixSocket: listener.isUnixSocket,
            wire: listener.gatewayProtocol.makeConnection(limits: loop.limits), loop: loop, listener: index)
        return isOpen ? .taken : .answered
    }

    private func refused(_ code: Int32) -> Outcome {
        switch code {
        case EAGAIN: return .nothing  // Another loop was faster.
        case EINVAL:
            // The socket was shut down: the supervisor is stopping, and the order to drain is on its way.
            stop(takesBacklog: false)
            return .nothing
        // accept(2): errors that have already happened on the new connection.
        case EINTR, ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENETUNREACH, EHOSTUNREACH: return .gone
        case EMFILE where !loop.lingering.isEmpty:
            loop.lingering.closeAll()
            return .gone
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

    /// Accepts again, as there may be room. A socket that is added to the poll again reports its backlog.
    func resume() {
        guard isPaused, let old = token else { return }
        isPaused = false
        if start() { return }
        token = old
        isPaused = true
        loop.pause(self)
    }

    /// Whether the peer's user (SO_PEERCRED) is in the listener's list.
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

/// The acceptors of a server, each with the loop to which it is confined: they are only kept here, never used.
final class Acceptors: Sendable {
    private struct Entry: @unchecked Sendable {
        let acceptor: Acceptor
        let loop: LoopContext
    }

    private let entries = Mutex<[Entry]>([])

    func add(_ acceptor: Acceptor, on loop: LoopContext) {
        let entry = Entry(acceptor: acceptor, loop: loop)
        entries.withLock { $0.append(entry) }
    }

    func takeAll() -> [(Acceptor, LoopContext)] {
        entries.withLock { entries in
            defer { entries = [] }
            return entries
        }.map { ($0.acceptor, $0.loop) }
    }
}
