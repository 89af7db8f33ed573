public import GatehouseWire
public import HummingbirdCore
import NIOCore
import Synchronization

/// What the front server said about a request besides the request itself.
///
/// Nothing of it is ever put into the process's environment.
public final class GatewayRequest: Sendable {
    /// A number of this worker's own, ascending.
    public let number: UInt64
    /// What the front server asks of the module. Front servers ask for a responder unless configured otherwise.
    public let role: RequestRole
    /// Every variable as it came, in order.
    public let variables: GatewayVariables
    /// Where the module is mounted: `/blog`, or empty at the root, so that `mountPath + "/page"` is always a link.
    public let mountPath: String
    /// The file of a request in the Filter role; empty in any other.
    public var filterData: RequestBody {
        data.map { RequestBody(asyncSequence: $0) } ?? RequestBody(buffer: ByteBuffer())
    }

    private let data: BodyStream?

    private let remaining = Mutex<[@Sendable () async -> Void]>([])

    package init(number: UInt64, head: RequestHead, mountPath: String, filterData: BodyStream? = nil) {
        self.number = number
        self.role = head.role
        self.variables = head.parameters
        self.mountPath = mountPath
        data = filterData
    }

    /// The value of a CGI variable, such as `SERVER_NAME`: the last, where the front server sent several.
    public subscript(variable name: String) -> String? { variables[name] }

    /// What names this request in every log line: the front server's REQUEST_ID where it sends one
    /// (`fastcgi_param REQUEST_ID $request_id;`), so that both sides' logs agree; else a number of the worker's.
    public var requestID: String {
        if let given = variables["REQUEST_ID"], !given.isEmpty { return given }
        return Self.workerPrefix + String(number, radix: 16)
    }

    static let workerPrefix = String(UInt32.random(in: .min ... .max), radix: 16) + "-"

    /// The client's address, as the front server knows it.
    public var remoteAddress: String? { nonEmpty("REMOTE_ADDR") }
    /// The client's port.
    public var remotePort: Int? { variables["REMOTE_PORT"].flatMap { Int($0) } }
    /// Who the front server says the client is, after it has authenticated them. No client header can set it.
    public var remoteUser: String? { nonEmpty("REMOTE_USER") }

    /// What the front server says about the client's TLS connection; `nil` where there is none.
    public var tls: TLSFacts? {
        guard let https = variables["HTTPS"]?.lowercased(), https == "on" || https == "1" else { return nil }
        return TLSFacts(
            protocol: nonEmpty("SSL_PROTOCOL"), cipher: nonEmpty("SSL_CIPHER"),
            clientVerification: nonEmpty("SSL_CLIENT_VERIFY") ?? nonEmpty("SSL_CLIENT_V"),
            clientSubject: nonEmpty("SSL_CLIENT_S_DN"),
            serverName: nonEmpty("SSL_SERVER_NAME") ?? nonEmpty("SSL_TLS_SNI"))
    }

    /// Facts about the client's TLS connection. Only what the front server is configured to send is there.
    public struct TLSFacts: Sendable, Equatable {
        public var `protocol`: String?
        public var cipher: String?
        public var clientVerification: String?
        public var clientSubject: String?
        public var serverName: String?
    }

    /// Runs `work` when the response has been handed to the front server. The worker does not end before it has; the
    /// client does not wait for it, and its leaving does not cancel it.
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
