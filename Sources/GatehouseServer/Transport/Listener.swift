package import GatehousePlan
import Glibc

/// A listening socket that is already bound, and the protocol that is spoken on it.
package struct Listener: Sendable {
    package let descriptor: Int32
    /// Whether its connections are those of a Unix socket, and not TCP.
    let isUnixSocket: Bool
    package let gatewayProtocol: GatewayProtocol
    /// The endpoint as the operator wrote it, for messages.
    package let endpoint: String
    /// The users whose processes may connect; `nil` admits everybody who can open the socket.
    package let allowedUsers: Set<UInt32>?

    package init(
        descriptor: Int32, gatewayProtocol: GatewayProtocol, endpoint: String, allowedUsers: Set<UInt32>? = nil
    ) {
        self.descriptor = descriptor
        var domain: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        isUnixSocket =
            getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_UNIX
        self.gatewayProtocol = gatewayProtocol
        self.endpoint = endpoint
        self.allowedUsers = allowedUsers
    }
}
