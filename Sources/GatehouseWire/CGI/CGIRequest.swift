/// The request line's parts as the CGI variables give them. SUPPORTED.md has the table of path outcomes.
public struct CGIRequest: Sendable, Equatable {
    public var method: String
    /// `http` or `https`: from HTTPS, and where that is empty from REQUEST_SCHEME.
    public var scheme: String
    /// HTTP_HOST, and where that is empty SERVER_NAME with SERVER_PORT, unless that is the scheme's own.
    public var authority: String?
    /// Path and query as HTTP writes them: ASCII that begins with `/`, or `*` of `OPTIONS *`.
    public var target: String
    /// CONTENT_LENGTH; `nil` where it is absent, empty, or -1, which is Caddy's "not known". A hint: the body ends
    /// where the protocol says it ends.
    public var contentLength: Int?
    /// CONTENT_TYPE; `nil` where it is absent or empty.
    public var contentType: String?
}

// In an extension, so that the struct keeps its memberwise initialiser.
extension CGIRequest {
    /// - Throws: where the variables are no HTTP request that may reach a handler.
    public init(_ parameters: GatewayVariables) throws(BadRequest) {
        self = try Self.read(parameters, CGIVariables(parameters), targetLimit: Limits().targetLength)
    }

    /// No `init`, because what one assigns to itself as a whole is copied.
    /// - Parameters:
    ///   - variables: those of the parameters.
    ///   - targetLimit: the most bytes that path and query may have.
    /// - Throws: where the variables are no HTTP request that may reach a handler.
    package static func read(
        _ parameters: GatewayVariables, _ variables: CGIVariables, targetLimit: Int
    ) throws(BadRequest) -> CGIRequest {
        // Of the parameters' own bytes, which outlive this.
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
    /// Apache, lighttpd and IIS say `on`, nginx's `fastcgi_params` says `on` or leaves HTTPS empty, and some
    /// configurations say `1`. Any other value that is not empty means no. If HTTPS is absent or empty, REQUEST_SCHEME
    /// decides: `https` means yes. Letters count in any case.
    public var isSecure: Bool {
        let variables = CGIVariables(self)
        return bytes.withUnsafeBufferPointer { CGIReader(bytes: $0, variables: variables).isSecure }
    }
}
