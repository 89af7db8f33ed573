import CFastCGI

/// A front server's connection to an application, with blocking calls. For one thread at a time.
public final class GatewayClient {
    public let endpoint: ClientEndpoint
    private let socket: ClientSocket

    /// - Parameter timeout: for the connection to be made.
    public init(to endpoint: ClientEndpoint, timeout: Duration = .seconds(30)) throws(GatewayClientError) {
        self.endpoint = endpoint
        socket = try .connected(to: endpoint, until: .now.advanced(by: timeout))
    }

    /// Sends a request and reports its response as it comes.
    ///
    /// It reads while it writes, so that an application which answers before it has the whole body cannot get stuck,
    /// and stops writing when the answer is whole or the application reads no more.
    /// - Parameters:
    ///   - keepsConnection: asks the application to keep the connection (FCGI_KEEP_CONN), for another request on it.
    ///   - timeout: for the whole exchange.
    /// - Throws: `GatewayClientError`, or what `receive` throws.
    public func exchange(
        _ request: ClientRequest, keepsConnection: Bool = false, timeout: Duration = .seconds(30),
        receive: (ClientEvent) throws -> Void
    ) throws {
        let deadline = ContinuousClock.now.advanced(by: timeout)
        var exchange = ClientExchange(request, endpoint.dialect, keepsConnection: keepsConnection)
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
    /// - Throws: `GatewayClientError`, also where the application ended the request without a head: the message then names the
    ///   protocol status.
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

    /// What an end without a head means.
    public static func headless(_ endpoint: ClientEndpoint, _ protocolStatus: UInt8) -> GatewayClientError {
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
        let what = exchange.hasHead ? "end came" : "head came; it may speak another protocol than this"
        return GatewayClientError(
            .closed,
            "\(endpoint): the connection was closed before the response's \(what): that server's log says why")
    }
}
