/// Why a request is answered without having been started.
public struct Refusal: Error, Sendable, Equatable {
    /// The HTTP status of the answer; `nil` where the protocol's own status says it alone.
    public var httpStatus: Int?
    /// FastCGI's protocolStatus: FCGI_REQUEST_COMPLETE, FCGI_CANT_MPX_CONN, FCGI_OVERLOADED or FCGI_UNKNOWN_ROLE.
    public var protocolStatus: UInt8
    /// For the log: what the peer did, with the figures that say so.
    public var reason: String

    public init(httpStatus: Int?, protocolStatus: UInt8 = 0, reason: String) {
        self.httpStatus = httpStatus
        self.protocolStatus = protocolStatus
        self.reason = reason
    }
}
