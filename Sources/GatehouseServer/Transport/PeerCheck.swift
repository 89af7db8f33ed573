import Glibc
import Logging
import NIOCore

/// Lets in only connections of users on the listener's list, by what the kernel says of the peer (SO_PEERCRED).
enum PeerCheck {
    /// Fails where the connection must not stay, having said so in the log.
    static func admit(_ channel: any Channel, _ listener: Listener, logger: Logger) -> EventLoopFuture<Void> {
        guard let allowed = listener.allowedUsers else { return channel.eventLoop.makeSucceededVoidFuture() }
        guard let options = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(NotAllowed())
        }
        let endpoint = listener.endpoint
        let peer: EventLoopFuture<Credentials> = options.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        return peer.flatMapThrowing { peer in
            guard !allowed.contains(peer.user) else { return }
            logger.warning(
                "connection refused: user \(peer.user) is not in allow-users",
                metadata: ["endpoint": "\(endpoint)", "pid": "\(peer.process)"])
            throw NotAllowed()
        }
    }

    /// The kernel's `struct ucred`.
    private struct Credentials {
        var process: Int32
        var user: UInt32
        var group: UInt32
    }

    struct NotAllowed: Error {}
}
