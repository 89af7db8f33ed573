/// A whole response.
public struct ClientResponse: Sendable, Equatable {
    /// Status and headers.
    public var head: ClientResponseHead
    /// The whole body.
    public var body: [UInt8]
    /// The bytes of FCGI_STDERR; always empty over SCGI and uwsgi.
    public var diagnostics: [UInt8]
    /// FCGI_END_REQUEST's appStatus: the exit status of a CGI program.
    public var applicationStatus: UInt32
    /// FCGI_END_REQUEST's protocolStatus: 0 is FCGI_REQUEST_COMPLETE.
    public var protocolStatus: UInt8

    /// A response of these parts.
    public init(
        head: ClientResponseHead, body: [UInt8] = [], diagnostics: [UInt8] = [], applicationStatus: UInt32 = 0,
        protocolStatus: UInt8 = 0
    ) {
        self.head = head
        self.body = body
        self.diagnostics = diagnostics
        self.applicationStatus = applicationStatus
        self.protocolStatus = protocolStatus
    }

    /// The status that the front server would send to the client.
    public var status: Int { head.status }

    /// The body as UTF-8. Bytes that are not UTF-8 are replaced.
    public var text: String { String(decoding: body, as: UTF8.self) }
}

/// The head of a response (RFC 3875, section 6): the status as a front server would pass it on, and the headers.
public struct ClientResponseHead: Sendable, Equatable {
    /// The value of `Status`, or the code of HTTP's status line; without one 200, or 302 if there is a `Location`.
    public var status: Int
    /// The words after the status; empty if the application gave none.
    public var reason: String
    /// The headers without `Status`, which is meant for the front server.
    public var headers: [ClientHeader]

    /// A head of these parts.
    public init(status: Int, reason: String = "", headers: [ClientHeader] = []) {
        self.status = status
        self.reason = reason
        self.headers = headers
    }

    /// The value of the first header with this name, in any case; `nil` if there is none.
    public subscript(_ name: String) -> String? {
        headers.first { $0.isNamed(name) }?.value
    }
}

/// A breach of the protocol by the application's answer.
public struct ResponseViolation: Error, Sendable, Equatable, CustomStringConvertible {
    /// The message: what came, and what would have been right.
    public var description: String

    /// The violation for a record header of version 0, with which Gatehouse breaks an answer off.
    static let brokenOff = ResponseViolation("the application broke the answer off (a record of version 0)")

    init(_ description: String) {
        self.description = description
    }
}
