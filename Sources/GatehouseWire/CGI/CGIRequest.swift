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
}

// An extension, so that the struct keeps its memberwise initialiser.
extension CGIRequest {
    /// Reads the request, with the usual limit of its target's length.
    /// - Throws: if the variables are no HTTP request that may reach a handler.
    public init(_ parameters: GatewayVariables) throws(BadRequest) {
        self = try Self.read(parameters, CGIVariables(parameters), targetLimit: Limits().targetLength)
    }

    /// Reads the request. A static function rather than an `init`: `self = …` would copy the struct.
    /// - Parameters:
    ///   - variables: the ones found in `parameters`.
    ///   - targetLimit: the most bytes that path and query may have.
    /// - Throws: if the variables are no HTTP request that may reach a handler.
    package static func read(
        _ parameters: GatewayVariables, _ variables: CGIVariables, targetLimit: Int
    ) throws(BadRequest) -> CGIRequest {
        // The span's pointer is valid for as long as `parameters`, so nothing is copied.
        let bytes = parameters.bytes.span
        return try bytes.withUnsafeBufferPointer { (bytes) throws(BadRequest) in
            try CGIReader(bytes: bytes, variables: variables, targetLimit: targetLimit).request()
        }
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
        let variables = CGIVariables(self)
        return bytes.withUnsafeBufferPointer { CGIReader(bytes: $0, variables: variables).isSecure }
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
