/// One request and its response, without a socket: bytes to send, and what received bytes mean.
struct ClientExchange {
    let request: [UInt8]
    private(set) var isEnded = false

    private var records: FastCGIResponseDecoder?
    private var head = ResponseHeadParser()
    private(set) var hasHead = false

    init(_ request: ClientRequest, _ dialect: ClientEndpoint.Dialect, keepsConnection: Bool) {
        var bytes: [UInt8] = []
        switch dialect {
        case .fastCGI:
            FastCGIRequestEncoder().append(request, keepsConnection: keepsConnection, to: &bytes)
            records = FastCGIResponseDecoder()
        case .scgi:
            SCGIRequestEncoder.append(request, to: &bytes)
        }
        self.request = bytes
    }

    /// - Parameter bytes: as they came; empty at the connection's end.
    mutating func receive(_ bytes: [UInt8]) throws(ResponseViolation) -> [ClientEvent] {
        var events: [ClientEvent] = []
        guard records != nil else {
            if bytes.isEmpty {
                guard hasHead else { return [] }
                isEnded = true
                return [.ended(applicationStatus: 0, protocolStatus: 0)]
            }
            try append(bytes, to: &events)
            return events
        }
        for event in try records?.receive(bytes) ?? [] {
            switch event {
            case .output(let bytes, _): try append(bytes, to: &events)
            case .error(let bytes, _): events.append(.diagnostics(bytes))
            case .outputEnded, .errorEnded: break
            case .ended(_, let applicationStatus, let protocolStatus):
                isEnded = true
                events.append(.ended(applicationStatus: applicationStatus, protocolStatus: protocolStatus))
            case .values, .unknownType: throw ResponseViolation("a management record that nobody asked for")
            }
        }
        return events
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
