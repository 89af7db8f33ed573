/// The reason why a request is answered without having been started. The connection goes on.
public struct Refusal: Error, Sendable, Equatable {
    /// The HTTP status of the answer; `nil` if the protocol's own status alone says it.
    public var httpStatus: Int?
    /// FastCGI's protocolStatus: FCGI_REQUEST_COMPLETE, FCGI_CANT_MPX_CONN, FCGI_OVERLOADED or FCGI_UNKNOWN_ROLE.
    public var protocolStatus: UInt8
    /// The reason for the log: what the peer did, with the figures that show it.
    public var reason: String

    /// A refusal with these statuses.
    public init(httpStatus: Int?, protocolStatus: UInt8 = 0, reason: String) {
        self.httpStatus = httpStatus
        self.protocolStatus = protocolStatus
        self.reason = reason
    }
}

/// The whole response to a request that never reached a handler.
enum RefusalAnswer {
    static func bytes(_ status: Int, _ statusLine: StatusLine) -> [UInt8] {
        let reason = ReasonPhrase.of(status)
        let body = "\(status) \(reason)\n"
        return Array(
            """
            \(statusLine.beginning)\(status) \(reason)\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Length: \(body.utf8.count)\r
            \r
            \(body)
            """.utf8)
    }
}

/// The names of the statuses that Gatehouse answers on its own (RFC 9110, section 15).
package enum ReasonPhrase {
    /// The words that follow the status on its line.
    package static func of(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        default: status < 500 ? "Request Refused" : "Service Refused"
        }
    }
}
