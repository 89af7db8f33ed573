import CFastCGI
public import GatehousePlan

/// A connection to an application that plays the front server, with blocking calls. For one thread at a time.
public final class GatewayClient {
    /// The address and the protocol of the application.
    public let endpoint: Endpoint
    private let gatewayProtocol: GatewayProtocol
    private let socket: ClientSocket

    /// Connects to an application.
    /// - Parameters:
    ///   - endpoint: any for which `Endpoint.clientProblem` is `nil`.
    ///   - timeout: the time in which the connection must be made.
    public init(to endpoint: Endpoint, timeout: Duration = .seconds(30)) throws(GatewayClientError) {
        guard endpoint.clientProblem == nil, let spoken = endpoint.gatewayProtocol else {
            throw GatewayClientError(.usage, endpoint.clientProblem ?? "\(endpoint): no front server speaks this")
        }
        self.endpoint = endpoint
        gatewayProtocol = spoken
        socket = try .connected(to: endpoint, until: .now.advanced(by: timeout))
    }

    /// Sends a request and reports its response as it comes.
    ///
    /// It reads while it writes, so that an application which answers before it has the whole body cannot get stuck,
    /// and stops writing when the answer is whole or the application reads no more.
    /// - Parameters:
    ///   - keepsConnection: asks the application to keep the connection (FCGI_KEEP_CONN), for another request on it.
    ///   - timeout: the time in which the whole exchange must end.
    ///   - receive: called with each event as it comes.
    /// - Throws: `GatewayClientError`, or what `receive` throws.
    public func exchange(
        _ request: ClientRequest, keepsConnection: Bool = false, timeout: Duration = .seconds(30),
        receive: (ClientEvent) throws -> Void
    ) throws {
        let deadline = ContinuousClock.now.advanced(by: timeout)
        var exchange = try ClientExchange(request, gatewayProtocol.codec, keepsConnection: keepsConnection)
        var rest = exchange.request[...]
        while !exchange.isEnded {
            try socket.wait(forWriting: !rest.isEmpty, until: deadline)
            if !rest.isEmpty { rest = rest.dropFirst(try socket.send(rest) ?? rest.count) }
            guard let bytes = try socket.receive() else { continue }
            let events: [ClientEvent]
            do throws(ResponseViolation) {
                events = try exchange.receive(bytes)
            } catch .brokenOff {
                throw GatewayClientError(
                    .closed, "\(endpoint): the answer was broken off before its end; the log says why")
            } catch {
                throw GatewayClientError(.violation, "\(endpoint): the answer breaks the protocol: \(error)")
            }
            for event in events { try receive(event) }
            if bytes.isEmpty, !exchange.isEnded { throw closed(exchange) }
        }
    }

    /// Sends a request and returns its whole response.
    /// - Throws: `GatewayClientError`, also if the application ended the request without a head: the message then names
    ///   the protocol status.
    public func response(
        to request: ClientRequest, keepsConnection: Bool = false, timeout: Duration = .seconds(30)
    ) throws -> ClientResponse {
        var response = ClientResponse(head: ClientResponseHead(status: 0))
        try exchange(request, keepsConnection: keepsConnection, timeout: timeout) { event in
            switch event {
            case .head(let head): response.head = head
            case .body(let bytes): response.body += bytes
            case .diagnostics(let bytes): response.diagnostics += bytes
            case .ended(let applicationStatus, let protocolStatus):
                response.applicationStatus = applicationStatus
                response.protocolStatus = protocolStatus
            }
        }
        guard response.head.status != 0 else { throw Self.headless(endpoint, response.protocolStatus) }
        return response
    }

    /// The error for a response that ended without a head, by FastCGI's protocol status.
    public static func headless(_ endpoint: Endpoint, _ protocolStatus: UInt8) -> GatewayClientError {
        let reason =
            switch Int32(protocolStatus) {
            case FCGI_REQUEST_COMPLETE: "the application ended the request without a response"
            case FCGI_CANT_MPX_CONN: "the application takes one request at a time on a connection (FCGI_CANT_MPX_CONN)"
            case FCGI_OVERLOADED: "the application is overloaded (FCGI_OVERLOADED)"
            case FCGI_UNKNOWN_ROLE: "the application does not know the role (FCGI_UNKNOWN_ROLE)"
            default: "the application ended the request with protocol status \(protocolStatus)"
            }
        return GatewayClientError(.closed, "\(endpoint): \(reason)")
    }

    private func closed(_ exchange: ClientExchange) -> GatewayClientError {
        let missing = exchange.hasHead ? "end came" : "head came; it may speak another protocol than this"
        return GatewayClientError(
            .closed,
            "\(endpoint): the connection was closed before the response's \(missing): that server's log says why")
    }
}

/// The reason why there is no answer.
public struct GatewayClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure. Open, so that a new code breaks no switch of the callers.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// A word for the kind.
        public var rawValue: String

        /// The kind with this word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The endpoint or the request is not valid.
        public static let usage = Code(rawValue: "usage")
        /// Nobody listens there.
        public static let unreachable = Code(rawValue: "unreachable")
        /// The operating system does not let this user connect.
        public static let permission = Code(rawValue: "permission")
        /// The connection ended before the response did.
        public static let closed = Code(rawValue: "closed")
        /// The timeout passed before the response was complete.
        public static let timeout = Code(rawValue: "timeout")
        /// The answer breaks the protocol.
        public static let violation = Code(rawValue: "violation")
        /// Any other failure of a system call.
        public static let system = Code(rawValue: "system")
    }

    /// The kind of failure.
    public var code: Code
    /// The message: the endpoint, what is wrong there, and what to look at.
    public var description: String

    /// A failure with this message.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
