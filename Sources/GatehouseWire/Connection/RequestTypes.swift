/// The number, chosen by the peer, that identifies a request within its connection (FastCGI 1.0, section 3.3). SCGI
/// and uwsgi have one request per connection; there it is always 1.
public struct RequestID: RawRepresentable, Hashable, Sendable {
    /// The number as the peer chose it.
    public var rawValue: UInt16

    /// The id with this number.
    @inlinable
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }
}

/// The role that the front server asks the application to play (FastCGI 1.0, section 6). SCGI and
/// uwsgi know only the responder.
public enum RequestRole: UInt16, Sendable, Equatable {
    /// Answers a request (section 6.2).
    case responder = 1
    /// Says whether a request may go on, and has no body (section 6.3).
    case authorizer = 2
    /// Answers with a changed version of a file that the front server sends (section 6.4).
    case filter = 3
}

/// A request whose parameters have all arrived; its body follows in events of its own.
public struct RequestHead: Sendable, Equatable {
    /// The number that identifies the request in events and answers.
    public var id: RequestID
    /// The role that the application is asked to play.
    public var role: RequestRole
    /// Whether the front server wants the connection kept after the response (FCGI_KEEP_CONN).
    public var keepsConnection: Bool
    /// The CGI variables, as they came.
    public var parameters: GatewayVariables

    /// A head of these parts.
    public init(id: RequestID, role: RequestRole, keepsConnection: Bool, parameters: GatewayVariables) {
        self.id = id
        self.role = role
        self.keepsConnection = keepsConnection
        self.parameters = parameters
    }
}
