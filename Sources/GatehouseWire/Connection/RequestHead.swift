/// A request whose parameters have all arrived; its body follows in events of its own.
public struct RequestHead: Sendable, Equatable {
    public var id: RequestID
    public var role: RequestRole
    /// Whether the front server wants the connection kept after the response (FCGI_KEEP_CONN).
    public var keepsConnection: Bool
    public var parameters: GatewayVariables

    public init(id: RequestID, role: RequestRole, keepsConnection: Bool, parameters: GatewayVariables) {
        self.id = id
        self.role = role
        self.keepsConnection = keepsConnection
        self.parameters = parameters
    }
}
