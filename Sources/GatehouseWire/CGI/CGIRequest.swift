/// The parts of the request line as the CGI variables give them (RFC 3875, section 4.1). SUPPORTED.md has the table of
/// path outcomes.
public struct CGIRequest: Sendable, Equatable {
    /// REQUEST_METHOD, which may be any token.
    public var method: String
    /// `https` or `http`, as `GatewayVariables.isSecure` says.
    public var scheme: String
    /// HTTP_HOST; if that is empty, SERVER_NAME and SERVER_PORT, without a port that is the scheme's own.
    public var authority: String?
    /// Path and query as HTTP writes them: ASCII that begins with `/`, or `*` of `OPTIONS *`.
    public var target: String
    /// CONTENT_LENGTH; `nil` if it is absent, empty, or -1, which is Caddy's "not known". A hint: the body ends when
    /// the protocol says so.
    public var contentLength: Int?
    /// CONTENT_TYPE; `nil` if it is absent or empty.
    public var contentType: String?
    /// Whether SERVER_SOFTWARE is nginx's.
    public var isFromNginx = false
}

// An extension, so that the struct keeps its memberwise initialiser.
extension CGIRequest {
    /// Reads the request, with the usual limit of its target's length.
    /// - Throws: if the variables are no HTTP request that may reach a handler.
    public init(_ parameters: GatewayVariables) throws(BadRequest) {
        var known = KnownHost()
        self = try Self.read(
            parameters, CGIVariables(parameters), targetLimit: Limits().targetLength, knownHost: &known)
    }

    /// Reads the request. A static function rather than an `init`: `self = …` would copy the struct.
    /// - Parameters:
    ///   - variables: the ones found in `parameters`.
    ///   - targetLimit: the most bytes that path and query may have.
    ///   - knownHost: the last request's, and then this one's.
    /// - Throws: if the variables are no HTTP request that may reach a handler.
    package static func read(
        _ parameters: GatewayVariables, _ variables: CGIVariables, targetLimit: Int, knownHost: inout KnownHost
    ) throws(BadRequest) -> CGIRequest {
        try parameters.withReader(variables) { (reader) throws(BadRequest) in
            try reader.request(targetLimit: targetLimit, knownHost: &knownHost)
        }
    }
}

/// The last HTTP_HOST that was read, and what it was read as: a server has few hosts, and checking one and making a
/// string of it takes longer than comparing it.
package struct KnownHost: Sendable {
    private var bytes: [UInt8] = []
    private var authority = ""

    /// The longest that is remembered, in bytes: the longest name of a host, and a port.
    private static let longest = 260

    package init() {}

    /// The authority, if the host is the known one.
    func authority(of host: UnsafeBufferPointer<UInt8>) -> String? {
        guard host.count == bytes.count else { return nil }
        return bytes.withUnsafeBytes { known in
            guard let known = known.baseAddress, let host = host.baseAddress else { return nil }
            return isEqual(known, host, bytes.count) ? authority : nil
        }
    }

    mutating func remember(_ host: UnsafeBufferPointer<UInt8>, as authority: String) {
        guard host.count <= Self.longest else { return }
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: host)
        self.authority = authority
    }
}

extension GatewayVariables {
    /// Whether the client's request came to the front server over TLS. The scheme of a request, the access log and the
    /// SDK all ask here.
    ///
    /// HTTPS is `on` from nginx, Apache, lighttpd and IIS, and `1` from some configurations. Any other value that is
    /// not empty, such as IIS's `off`, means no. If HTTPS is absent or empty, REQUEST_SCHEME decides: `https` means
    /// yes. Letters count in any case.
    public var isSecure: Bool {
        withReader(CGIVariables(self)) { $0.isSecure }
    }
}

/// The reason why CGI variables are no HTTP request. It is answered without its handler.
public struct BadRequest: Error, Sendable, Equatable {
    /// 400, or 414 for a path and query that are too long.
    public var httpStatus: Int
    /// The fault, for the log. It repeats nothing of the request but variables' names and numbers.
    public var reason: String

    /// A fault that is answered with this status.
    public init(httpStatus: Int = 400, reason: String) {
        self.httpStatus = httpStatus
        self.reason = reason
    }
}
