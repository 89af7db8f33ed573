import CGatehouseSystem
import GatehousePlan
import GatehouseWire
import Glibc
import Logging
import Synchronization

/// The socket by which connections change workers, in both directions (SOCK_SEQPACKET). Used from any thread.
package final class HandOverSocket: Sendable {
    let descriptor: Int32
    private let isBroken = Atomic<Bool>(false)

    /// - Parameter descriptor: the caller closes it.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Whether another worker may take connections. `false` once it has turned out that none does.
    package var isUsable: Bool { !isBroken.load(ordering: .relaxed) }

    /// Sends a connection's descriptor, which stays open here.
    /// - Returns: whether it is on its way. If not, and the socket is still usable, try again later.
    func give(_ connection: Int32, listener: Int) -> Bool {
        guard HandOverMessage.listeners.contains(listener) else { return false }
        let bytes = HandOverMessage.connection(listener: listener).bytes
        if gatehouse_send_descriptor(descriptor, connection, bytes, bytes.count) == 0 { return true }
        switch errno {
        // The receiver is slow, or the system is short of something: a later attempt may succeed.
        case EAGAIN, ENOBUFS, ENOMEM, ETOOMANYREFS: break
        default: isBroken.store(true, ordering: .relaxed)
        }
        return false
    }

    /// The result of one `receive`.
    enum Arrival {
        /// A message with its descriptor, which the caller closes.
        case received(HandOverMessage, Int32)
        /// A message that is not understood; its descriptor has been closed.
        case malformed
        case nothingYet
        /// No sender is left.
        case end
    }

    func receive() -> Arrival {
        var received: Int32 = -1
        var bytes: [UInt8] = [0, 0]
        let count = gatehouse_receive_descriptor(descriptor, &received, &bytes, bytes.count)
        if count < 0 { return errno == EAGAIN ? .nothingYet : .end }
        guard count > 0 else {
            if received >= 0 { close(received) }
            return .end
        }
        guard received >= 0, let what = HandOverMessage(bytes: bytes.prefix(count)) else {
            if received >= 0 { close(received) }
            return .malformed
        }
        return .received(what, received)
    }
}

/// Takes connections that another worker handed over, and log files that were opened anew. Confined to the thread of
/// one loop; each connection goes to the loop that has the fewest.
final class HandOverReceiver: PollSource, @unchecked Sendable {
    private let socket: HandOverSocket
    private let loop: LoopContext
    private let loops: [LoopContext]
    private let listeners: [Listener]
    private let takeAccessLog: @Sendable (Int32) -> Void
    private var token: PollToken?

    init(
        _ socket: HandOverSocket, on loop: LoopContext, of loops: [LoopContext], listeners: [Listener],
        takeAccessLog: @escaping @Sendable (Int32) -> Void
    ) {
        self.socket = socket
        self.loop = loop
        self.loops = loops
        self.listeners = listeners
        self.takeAccessLog = takeAccessLog
    }

    /// - Returns: whether the operating system agreed.
    func start() -> Bool {
        token = loop.poll.add(socket.descriptor, self, interest: .readable)
        return token != nil
    }

    func ready(for events: PollEvents) {
        takeAll()
    }

    /// Takes everything that has been sent up to now.
    func takeAll() {
        while let token {
            switch socket.receive() {
            case .received(.connection(let index), let descriptor): take(descriptor, listener: index)
            case .received(.accessLog, let descriptor): takeAccessLog(descriptor)
            case .malformed:
                loop.logger.error(
                    """
                    a message on the hand-over socket is malformed: the worker and its supervisor are of different \
                    builds
                    """)
            case .nothingYet: return
            case .end:
                self.token = nil
                loop.poll.remove(token)
            }
        }
    }

    private func take(_ descriptor: Int32, listener index: Int) {
        guard listeners.indices.contains(index),
            fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0
        else {
            loop.logger.error("a connection was handed over for listener \(index), which this worker does not have")
            close(descriptor)
            return
        }
        let listener = listeners[index]
        let target = loops.min { $0.connectionCount < $1.connectionCount } ?? loop
        let open: @Sendable () -> Void = {
            SocketConnection.open(
                descriptor, isUnixSocket: listener.isUnixSocket,
                wire: listener.gatewayProtocol.makeConnection(limits: target.limits), loop: target, listener: index)
        }
        if target === loop { open() } else { target.poll.execute(open) }
    }
}
