public import GatehouseWire

/// An HTTP request as a front server would have received it from a client.
public struct ClientRequest: Sendable, Equatable {
    /// `GET`, `POST`, …
    public var method: String
    /// The path with its query as on the request line: `/notes?page=2`.
    public var target: String
    public var headers: [ClientHeader]
    public var body: [UInt8]
    /// CGI variables that replace those made from the request, or come after them.
    public var extraParameters: [ClientParameter]
    /// What the application is asked to be. SCGI knows the responder only.
    public var role: RequestRole

    public init(
        method: String = "GET", target: String, headers: [ClientHeader] = [], body: [UInt8] = [],
        extraParameters: [ClientParameter] = [], role: RequestRole = .responder
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.extraParameters = extraParameters
        self.role = role
    }
}
