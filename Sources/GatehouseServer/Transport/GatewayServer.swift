package import GatehouseWire
import Glibc
package import Logging
import NIOConcurrencyHelpers
import NIOCore
package import NIOPosix

/// Serves listeners: accepts their connections, spreads them over event loops, and drains them in the end.
package final class GatewayServer: Sendable {
    package let group: MultiThreadedEventLoopGroup
    private let loops: [LoopContext]
    private let limits: Limits
    private let logger: Logger
    private let gate: ConnectionGate
    private let listening = NIOLockedValueBox<[any Channel]>([])

    /// How many handlers of modules that asked for `.blocking` can block at a time.
    private static let blockingThreads = 64

    /// Half a minute's worth of connections at a busy site; the kernel caps it at net.core.somaxconn.
    private static let backlog: CInt = 4_096

    package init(group: MultiThreadedEventLoopGroup, limits: Limits, mounts: MountTable, logger: Logger) {
        self.group = group
        self.limits = limits
        self.logger = logger
        gate = ConnectionGate(limit: limits.connections)
        let blocking = BlockingExecutor(threads: Self.blockingThreads)
        loops = group.makeIterator().enumerated().map { index, loop in
            LoopContext(
                eventLoop: loop, index: index, limits: limits, logger: logger, mounts: mounts, blockingExecutor: blocking)
        }
        for loop in loops { loop.memberLeft = { [gate] in gate.connectionClosed() } }
    }

    /// Accepts on sockets that are bound already; the server owns their descriptors from now on.
    package func start(_ listeners: [Listener]) async throws {
        for listener in listeners {
            let channel = try await ServerBootstrap(group: group)
                .childChannelInitializer { [self] channel in accept(channel, from: listener) }
                .withBoundSocket(listener.descriptor)
                .get()
            // SwiftNIO listens again when it takes a bound socket over, with a backlog of 128 that no option changes in
            // time: a thousand clients at once would see connection attempts fail.
            listen(listener.descriptor, Self.backlog)
            gate.add(channel)
            listening.withLockedValue { $0.append(channel) }
        }
    }

    private func accept(_ channel: any Channel, from listener: Listener) -> EventLoopFuture<Void> {
        guard let loop = loops.first(where: { $0.eventLoop === channel.eventLoop }) else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        return PeerCheck.admit(channel, listener, logger: logger).flatMapThrowing { [gate] in
            gate.connectionOpened()
            let wire: any GatewayConnection =
                switch listener.gatewayProtocol {
                case .fastCGI: FastCGIConnection(limits: loop.limits)
                case .scgi: SCGIConnection(limits: loop.limits)
                }
            try channel.pipeline.syncOperations.addHandler(GatewayChannelHandler(loop: loop, wire: wire))
        }
    }

    /// Takes nothing new, finishes what is in flight, and returns when it is done or the drain time is over.
    package func drain() async {
        let channels = listening.withLockedValue { channels in
            defer { channels = [] }
            return channels
        }
        for channel in channels { try? await channel.close() }
        for loop in loops { try? await loop.eventLoop.submit { loop.drain() }.get() }
        let limit = Task {
            guard limits.drainTime > 0 else { return }
            try await Task.sleep(nanoseconds: UInt64(limits.drainTime))
            await abandon()
        }
        for loop in loops { try? await loop.eventLoop.flatSubmit { loop.whenQuiet() }.get() }
        limit.cancel()
    }

    /// Cancels what is in flight and closes every connection.
    package func abandon() async {
        for loop in loops { try? await loop.eventLoop.submit { loop.abandonAll() }.get() }
    }
}
