public import GatehouseWire

/// An HTTP request as a front server would have received it from a client.
public struct FrontRequest: Sendable, Equatable {
    /// `GET`, `POST`, …
    public var method: String
    /// The path with its query as on the request line: `/notes?page=2`.
    public var target: String
    public var headers: [FrontHeader]
    public var body: [UInt8]
    /// CGI variables that replace those made from the request, or come after them.
    public var extraParameters: [FrontParameter]
    /// What the application is asked to be. SCGI knows the responder only.
    public var role: RequestRole

    public init(
        method: String = "GET", target: String, headers: [FrontHeader] = [], body: [UInt8] = [],
        extraParameters: [FrontParameter] = [], role: RequestRole = .responder
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.extraParameters = extraParameters
        self.role = role
    }
}
