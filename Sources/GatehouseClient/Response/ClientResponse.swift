/// A whole response.
public struct ClientResponse: Sendable, Equatable {
    public var head: ClientResponseHead
    public var body: [UInt8]
    /// What came on FCGI_STDERR; always empty over SCGI.
    public var diagnostics: [UInt8]
    /// FCGI_END_REQUEST's appStatus: what a CGI program would have exited with.
    public var applicationStatus: UInt32
    /// FCGI_END_REQUEST's protocolStatus: 0 is FCGI_REQUEST_COMPLETE.
    public var protocolStatus: UInt8

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

    public var status: Int { head.status }

    /// The body read as UTF-8, with what is not UTF-8 replaced.
    public var text: String { String(decoding: body, as: UTF8.self) }
}
