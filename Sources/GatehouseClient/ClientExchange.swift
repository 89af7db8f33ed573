import GatehousePlan

/// One thing that a front server learns of a response, as it comes.
public enum ClientEvent: Sendable, Equatable {
    /// Status and headers are whole.
    case head(ClientResponseHead)
    /// A piece of the body, never empty.
    case body([UInt8])
    /// A piece of FCGI_STDERR.
    case diagnostics([UInt8])
    /// FCGI_END_REQUEST; over SCGI and uwsgi the connection's end, with zeros.
    case ended(applicationStatus: UInt32, protocolStatus: UInt8)
}

/// One request and its response, without a socket: bytes to send, and the meaning of received bytes.
struct ClientExchange {
    let request: [UInt8]
    private(set) var isEnded = false
    private(set) var hasHead = false

    private var codec: any ClientCodec
    private var head: ResponseHeadParser

    /// - Throws: if the protocol cannot carry the request.
    init(_ request: ClientRequest, _ codec: any ClientCodec, keepsConnection: Bool) throws(GatewayClientError) {
        self.request = try codec.bytes(of: request, keepsConnection: keepsConnection)
        self.codec = codec
        head = ResponseHeadParser(takesStatusLine: codec.takesStatusLine)
    }

    /// Takes received bytes.
    /// - Parameter bytes: as they came; empty at the connection's end.
    mutating func receive(_ bytes: [UInt8]) throws(ResponseViolation) -> [ClientEvent] {
        var events: [ClientEvent] = []
        for part in try bytes.isEmpty ? connectionEnded() : codec.receive(bytes) {
            switch part {
            case .output(let bytes): try append(bytes, to: &events)
            case .diagnostics(let bytes): events.append(.diagnostics(bytes))
            case .ended(let applicationStatus, let protocolStatus):
                isEnded = true
                events.append(.ended(applicationStatus: applicationStatus, protocolStatus: protocolStatus))
            }
        }
        return events
    }

    /// The connection's end is a response's end only after its head.
    private func connectionEnded() -> [ResponsePart] {
        hasHead && codec.endsWithConnection ? [.ended(applicationStatus: 0, protocolStatus: 0)] : []
    }

    private mutating func append(_ output: [UInt8], to events: inout [ClientEvent]) throws(ResponseViolation) {
        if hasHead {
            events.append(.body(output))
        } else if let (parsed, body) = try head.receive(output) {
            hasHead = true
            events.append(.head(parsed))
            if !body.isEmpty { events.append(.body(body)) }
        }
    }
}

// MARK: The protocols

/// The front server's side of one gateway protocol, for one request on a connection.
protocol ClientCodec {
    /// Whether the response ends with the connection.
    var endsWithConnection: Bool { get }

    /// Whether the response may begin with a status line of HTTP.
    var takesStatusLine: Bool { get }

    /// The whole request.
    /// - Parameter keepsConnection: asks for another request on the connection, if the protocol has words for that.
    /// - Throws: if the protocol cannot carry it.
    func bytes(of request: ClientRequest, keepsConnection: Bool) throws(GatewayClientError) -> [UInt8]

    /// Takes received bytes, at least one, and keeps those of an incomplete record.
    mutating func receive(_ bytes: [UInt8]) throws(ResponseViolation) -> [ResponsePart]
}

/// A piece of a response in any protocol.
enum ResponsePart {
    /// Bytes of the CGI response: its head, then its body.
    case output([UInt8])
    /// Bytes for the front server's log.
    case diagnostics([UInt8])
    case ended(applicationStatus: UInt32, protocolStatus: UInt8)
}

extension GatewayProtocol {
    /// A codec for one request.
    var codec: any ClientCodec {
        switch self {
        case .fastCGI: FastCGICodec()
        case .scgi: SCGICodec()
        case .uwsgi: UWSGICodec()
        }
    }
}

private struct FastCGICodec: ClientCodec {
    private var decoder = FastCGIResponseDecoder()

    var endsWithConnection: Bool { false }
    var takesStatusLine: Bool { false }

    func bytes(of request: ClientRequest, keepsConnection: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        FastCGIRequestEncoder().append(request, keepsConnection: keepsConnection, to: &bytes)
        return bytes
    }

    mutating func receive(_ bytes: [UInt8]) throws(ResponseViolation) -> [ResponsePart] {
        var parts: [ResponsePart] = []
        for event in try decoder.receive(bytes) {
            switch event {
            case .output(let bytes, _): parts.append(.output(bytes))
            case .error(let bytes, _): parts.append(.diagnostics(bytes))
            case .outputEnded, .errorEnded: break
            case .ended(_, let applicationStatus, let protocolStatus):
                parts.append(.ended(applicationStatus: applicationStatus, protocolStatus: protocolStatus))
            case .values, .unknownType: throw ResponseViolation("a management record that nobody asked for")
            }
        }
        return parts
    }
}

private struct SCGICodec: ClientCodec {
    var endsWithConnection: Bool { true }
    var takesStatusLine: Bool { false }

    func bytes(of request: ClientRequest, keepsConnection: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        SCGIRequestEncoder.append(request, to: &bytes)
        return bytes
    }

    mutating func receive(_ bytes: [UInt8]) -> [ResponsePart] { [.output(bytes)] }
}

private struct UWSGICodec: ClientCodec {
    var endsWithConnection: Bool { true }
    var takesStatusLine: Bool { true }

    func bytes(of request: ClientRequest, keepsConnection: Bool) throws(GatewayClientError) -> [UInt8] {
        var bytes: [UInt8] = []
        try UWSGIRequestEncoder.append(request, to: &bytes)
        return bytes
    }

    mutating func receive(_ bytes: [UInt8]) -> [ResponsePart] { [.output(bytes)] }
}
