import GatehousePlan
import GatehouseWire
import Glibc
import Logging

/// Takes connections that another worker handed over, and log files that were opened anew. On one loop, whose thread it
/// is confined to; the connections go to whichever loop has the fewest.
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

    /// Everything that has been sent up to now.
    func takeAll() {
        while let token {
            switch socket.receive() {
            case .received(.connection(let index), let descriptor): take(descriptor, listener: index)
            case .received(.accessLog, let descriptor): takeAccessLog(descriptor)
            case .malformed:
                loop.logger.error(
                    "the worker was passed something that it does not know: is gatehouse of another build?")
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
                descriptor, wire: listener.gatewayProtocol.connection(target.limits), loop: target, listener: index)
        }
        if target === loop { open() } else { target.poll.execute(open) }
    }
}
