public import GatehouseWire

/// An HTTP request as a front server would have received it from a client.
public struct ClientRequest: Sendable, Equatable {
    /// `GET`, `POST`, …
    public var method: String
    /// The path with its query as on the request line: `/notes?page=2`.
    public var target: String
    /// The headers in the order in which the client sent them.
    public var headers: [ClientHeader]
    /// The whole body; empty if there is none.
    public var body: [UInt8]
    /// CGI variables that replace those made from the request, or follow them.
    public var extraParameters: [ClientParameter]
    /// The role that the application is asked to play. SCGI and uwsgi know the responder only.
    public var role: RequestRole

    /// A request of these parts.
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

/// One header of an HTTP request or response, as text.
public struct ClientHeader: Sendable, Hashable {
    /// The name as it was sent.
    public var name: String
    /// The value without the blanks around it.
    public var value: String

    /// A header with this name and value.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Whether the header has this name, in any case (RFC 9110, section 5.1).
    public func isNamed(_ other: String) -> Bool {
        name.utf8.elementsEqual(other.utf8) { Self.folded($0) == Self.folded($1) }
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
    }
}

/// One name-value pair as it goes to the application: bytes and not text, because a front server passes on what need
/// not be UTF-8.
public struct ClientParameter: Sendable, Hashable {
    /// The name's bytes.
    public var name: [UInt8]
    /// The value's bytes.
    public var value: [UInt8]

    /// A pair of bytes.
    public init(name: [UInt8], value: [UInt8]) {
        self.name = name
        self.value = value
    }

    /// A pair of text.
    public init(_ name: String, _ value: String) {
        self.init(name: Array(name.utf8), value: Array(value.utf8))
    }
}
