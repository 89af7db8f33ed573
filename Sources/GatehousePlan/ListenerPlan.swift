/// One listening socket that a worker inherits.
public struct ListenerPlan: Codable, Sendable, Equatable {
    /// The descriptor's number in the worker.
    public var descriptor: Int32
    public var gatewayProtocol: GatewayProtocol
    /// The endpoint as the operator wrote it, for messages: `fastcgi:/run/gatehouse/web.sock`.
    public var endpoint: String
    /// Users whose processes may connect (SO_PEERCRED); `nil` lets in whoever can open the socket.
    public var allowedUsers: [UInt32]?

    public init(
        descriptor: Int32, gatewayProtocol: GatewayProtocol, endpoint: String, allowedUsers: [UInt32]? = nil
    ) {
        self.descriptor = descriptor
        self.gatewayProtocol = gatewayProtocol
        self.endpoint = endpoint
        self.allowedUsers = allowedUsers
    }
}
