public import GatehouseWire
public import HummingbirdCore
import NIOCore
import Synchronization

/// A request's context as the front server describes it: role, variables, client, TLS.
///
/// Nothing of it is ever put into the process's environment.
public final class GatewayRequest: Sendable {
    /// The worker's own number for the request. No two requests of a worker have the same.
    public let number: UInt64
    /// The service that the front server asks for. Front servers ask for a responder unless configured otherwise.
    public let role: RequestRole
    /// All variables as they came, in their order.
    public let variables: GatewayVariables
    /// The path at which the module is mounted: `/blog`, or empty at the root, so that `mountPath + "/page"` is always
    /// a link.
    public let mountPath: String
    /// The file of a request in the Filter role; empty in any other.
    public var filterData: RequestBody {
        data.map { RequestBody(asyncSequence: $0) } ?? RequestBody(buffer: ByteBuffer())
    }

    private let data: BodyStream?
    /// `nil` in tests that make a request without a server.
    let life: ServerLife?

    private let remaining = Mutex<[@Sendable () async -> Void]>([])

    package init(
        number: UInt64, head: RequestHead, mountPath: String, filterData: BodyStream? = nil, life: ServerLife? = nil
    ) {
        self.number = number
        self.role = head.role
        self.variables = head.parameters
        self.mountPath = mountPath
        data = filterData
        self.life = life
    }

    /// The value of a CGI variable, such as `SERVER_NAME`: the last, if the front server sent several.
    public subscript(variable name: String) -> String? { variables[name] }

    /// The name of this request in every log line: the front server's REQUEST_ID if it sends one
    /// (`fastcgi_param REQUEST_ID $request_id;`), so that both sides' logs agree; otherwise a number of the worker's.
    public var requestID: String {
        if let given = variables["REQUEST_ID"], !given.isEmpty { return given }
        return Self.workerPrefix + String(number, radix: 16)
    }

    static let workerPrefix = String(UInt32.random(in: .min ... .max), radix: 16) + "-"

    /// The client's address, as the front server knows it.
    public var remoteAddress: String? { nonEmpty("REMOTE_ADDR") }
    /// The client's port.
    public var remotePort: Int? { variables["REMOTE_PORT"].flatMap { Int($0) } }
    /// The client's user name, if the front server has authenticated the client. No client header can set it.
    public var remoteUser: String? { nonEmpty("REMOTE_USER") }

    /// Facts about the client's TLS connection; `nil` if the request came without TLS. The request's scheme and the
    /// access log follow the same rule: HTTPS decides, or REQUEST_SCHEME if HTTPS is absent or empty.
    public var tls: TLSFacts? {
        guard variables.isSecure else { return nil }
        return TLSFacts(
            protocol: nonEmpty("SSL_PROTOCOL"), cipher: nonEmpty("SSL_CIPHER"),
            clientVerification: nonEmpty("SSL_CLIENT_VERIFY") ?? nonEmpty("SSL_CLIENT_V"),
            clientSubject: nonEmpty("SSL_CLIENT_S_DN"),
            serverName: nonEmpty("SSL_SERVER_NAME") ?? nonEmpty("SSL_TLS_SNI"))
    }

    /// Facts about the client's TLS connection. Each is `nil` unless the front server is configured to send it.
    public struct TLSFacts: Sendable, Equatable {
        /// The protocol's version, such as `TLSv1.3` (SSL_PROTOCOL).
        public var `protocol`: String?
        /// The cipher suite, such as `TLS_AES_256_GCM_SHA384` (SSL_CIPHER).
        public var cipher: String?
        /// The result of checking the client's certificate: `SUCCESS`, `NONE`, or `FAILED:` with a reason
        /// (SSL_CLIENT_VERIFY, or lighttpd's SSL_CLIENT_V).
        public var clientVerification: String?
        /// The subject's distinguished name in the client's certificate (SSL_CLIENT_S_DN). Believe it only if
        /// ``clientVerification`` says `SUCCESS`.
        public var clientSubject: String?
        /// The host that the client asked for in its handshake (SSL_SERVER_NAME, or Apache's SSL_TLS_SNI).
        public var serverName: String?
    }

    /// Runs `work` when the response has been handed to the front server. The worker does not end before `work` has.
    /// The client does not wait for it, and a client that leaves does not cancel it.
    public func afterResponse(_ work: @escaping @Sendable () async -> Void) {
        remaining.withLock { $0.append(work) }
    }

    package func takeRemainingWork() -> [@Sendable () async -> Void] {
        remaining.withLock { work in
            guard !work.isEmpty else { return [] }
            defer { work = [] }
            return work
        }
    }

    private func nonEmpty(_ name: String) -> String? {
        guard let value = variables[name], !value.isEmpty else { return nil }
        return value
    }
}
