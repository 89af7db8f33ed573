package import GatehouseWire
import Glibc
package import Logging

/// Serves listeners: accepts their connections on one or more loops, and drains them in the end.
package final class GatewayServer: Sendable {
    private let loops: [LoopContext]
    private let limits: Limits
    private let listeners = ListenerBox()

    /// How many handlers of modules that asked for `.blocking` can block at a time.
    private static let blockingThreads = 64

    /// How long handlers that were cancelled may take to notice.
    private static let patience = Duration.seconds(1)

    /// - Parameter count: threads that serve connections.
    /// - Throws: where the operating system has no descriptor left.
    package init(loops count: Int = 1, limits: Limits, mounts: MountTable, logger: Logger) throws(SystemError) {
        self.limits = limits
        let blocking = BlockingExecutor(threads: Self.blockingThreads)
        var loops: [LoopContext] = []
        for index in 0..<max(1, count) {
            loops.append(
                LoopContext(
                    poll: try PollLoop(), index: index, connectionLimit: max(1, limits.connections / max(1, count)),
                    limits: limits, logger: logger, mounts: mounts, blockingExecutor: blocking))
        }
        self.loops = loops
        for loop in loops { try loop.poll.start() }
    }

    deinit {
        for loop in loops { loop.poll.stop() }
    }

    /// Accepts on sockets that are bound and listening; the server closes their descriptors when it drains.
    package func start(_ sockets: [Listener]) async throws {
        for socket in sockets {
            // Loops share the socket, and whoever comes second finds it empty.
            guard fcntl(socket.descriptor, F_SETFL, fcntl(socket.descriptor, F_GETFL) | O_NONBLOCK) == 0 else {
                throw SystemError("cannot accept on \(socket.endpoint)")
            }
            for loop in loops {
                let listener = SocketListener(socket, loop: loop)
                listeners.add(listener, on: loop)
                guard await Self.on(loop, { listener.start() }) else {
                    throw SystemError("cannot accept on \(socket.endpoint)")
                }
            }
        }
    }

    /// Takes nothing new, finishes what is in flight, and returns when it is done or the drain time is over.
    package func drain() async {
        await stopAccepting()
        for loop in loops { await Self.on(loop) { loop.drain() } }
        let limit = Task {
            guard limits.drainTime > 0 else { return }
            try await Task.sleep(nanoseconds: UInt64(limits.drainTime))
            await abandon()
            try await Task.sleep(for: Self.patience)
            for loop in loops { await Self.on(loop) { loop.giveUpWaiting() } }
        }
        for loop in loops { await loop.whenQuiet() }
        limit.cancel()
    }

    private func stopAccepting() async {
        let stopping = listeners.takeAll()
        for (listener, loop) in stopping { await Self.on(loop) { listener.stop() } }
        // Our copies only: whoever else has the socket goes on accepting on it.
        for descriptor in Set(stopping.map(\.0.descriptor)) { close(descriptor) }
    }

    /// Takes nothing new, cancels what is in flight and closes every connection.
    package func abandon() async {
        await stopAccepting()
        for loop in loops { await Self.on(loop) { loop.abandonAll() } }
    }

    @discardableResult
    private static func on<Result: Sendable>(
        _ loop: LoopContext, _ work: @escaping @Sendable () -> Result
    ) async -> Result {
        await withCheckedContinuation { continuation in
            loop.poll.execute { continuation.resume(returning: work()) }
        }
    }
}
