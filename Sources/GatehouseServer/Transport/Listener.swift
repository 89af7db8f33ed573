package import GatehousePlan

/// A listening socket that is already bound, and the protocol that is spoken on it.
package struct Listener: Sendable {
    package var descriptor: Int32
    package var gatewayProtocol: GatewayProtocol
    /// The endpoint as the operator wrote it, for messages.
    package var endpoint: String
    /// The users whose processes may connect; `nil` admits everybody who can open the socket.
    package var allowedUsers: Set<UInt32>?

    package init(
        descriptor: Int32, gatewayProtocol: GatewayProtocol, endpoint: String, allowedUsers: Set<UInt32>? = nil
    ) {
        self.descriptor = descriptor
        self.gatewayProtocol = gatewayProtocol
        self.endpoint = endpoint
        self.allowedUsers = allowedUsers
    }
}
