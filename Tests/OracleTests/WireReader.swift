import GatehouseWire

/// A `FastCGIConnection` that is fed with a request, and its reading of it.
struct WireReader {
    private(set) var connection = FastCGIConnection(limits: Limits())
    private(set) var understanding = LibfcgiEcho.Understanding(parameters: [], body: [])
    private(set) var head: RequestHead?
    private(set) var isBodyEnded = false

    struct Unexpected: Error {
        var event: ConnectionEvent
    }

    mutating func receive(_ bytes: [UInt8]) throws {
        var offset = 0
        while let event = try connection.nextEvent(in: bytes.span, at: &offset, now: 0) {
            switch event {
            case .requestReceived(let head):
                self.head = head
                head.parameters.forEach { name, value in
                    understanding.parameters.append(
                        name.withUnsafeBufferPointer { Array($0) } + [UInt8(ascii: "=")]
                            + value.withUnsafeBufferPointer { Array($0) })
                }
            case .bodyReceived(_, let range): understanding.body += bytes[range]
            case .bodyEnded: isBodyEnded = true
            default: throw Unexpected(event: event)
            }
        }
    }

    /// A whole response with these bytes on STDOUT.
    mutating func answer(_ output: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        let id = RequestID(rawValue: 1)
        connection.appendOutput(output.span, of: id, to: &bytes)
        connection.appendEnd(of: id, to: &bytes)
        return bytes
    }
}
