import GatehouseWire

/// Everything that one connection did with a transcript: its events with neighbouring body bytes put together, the
/// heads that it handed on, its answers, and its state in the end.
///
/// The trace answers as a server does that is done at once: a request when its body (and, for a Filter, its file) has
/// ended, an aborted one when it is aborted.
struct Trace: Equatable {
    var lines: [String] = []
    var heads: [RequestHead] = []
    var bodies: [[UInt8]] = []
    var output: [UInt8] = []
    var isBetweenRequests = false
    var acceptsMoreRequests = false
    var hasUnfinishedHead = false

    private var filters: Set<RequestID> = []
    private var lastBody = ""

    static func of(_ connection: some GatewayConnection, _ chunks: [ArraySlice<UInt8>]) -> Trace {
        var trace = Trace()
        var connection = connection
        for chunk in chunks where !trace.feed(Array(chunk), to: &connection) { break }
        trace.finish(&connection)
        return trace
    }

    mutating func finish(_ connection: inout some GatewayConnection) {
        isBetweenRequests = connection.isBetweenRequests
        acceptsMoreRequests = connection.acceptsMoreRequests
        hasUnfinishedHead = connection.oldestUnfinishedHead != nil
    }

    /// Feeds one chunk; `false` once the connection is broken.
    mutating func feed(_ chunk: [UInt8], to connection: inout some GatewayConnection) -> Bool {
        var offset = 0
        do {
            while let event = try connection.nextEvent(in: chunk.span, at: &offset, now: 7) {
                note(event, chunk, &connection)
            }
            if offset != chunk.count { lines.append("stopped at \(offset) of \(chunk.count)") }
            return true
        } catch {
            add("violation \(error.code.rawValue)")
            return false
        }
    }

    private mutating func note(
        _ event: ConnectionEvent, _ chunk: [UInt8], _ connection: inout some GatewayConnection
    ) {
        switch event {
        case .requestReceived(let head):
            heads.append(head)
            if head.role == .filter { filters.insert(head.id) }
            let method = head.parameters["REQUEST_METHOD"] ?? "-"
            let uri = head.parameters["REQUEST_URI"] ?? "-"
            add("request \(head.id.rawValue) \(head.role)\(head.keepsConnection ? " keep" : "") \(method) \(uri)")
        case .bodyReceived(let id, let range): addBody("body \(id.rawValue)", chunk[range])
        case .dataReceived(let id, let range): addBody("data \(id.rawValue)", chunk[range])
        case .bodyEnded(let id):
            add("end \(id.rawValue)")
            if !filters.contains(id) { answer(id, &connection) }
        case .dataEnded(let id):
            add("data-end \(id.rawValue)")
            answer(id, &connection)
        case .requestAborted(let id):
            add("abort \(id.rawValue)")
            connection.appendEnd(of: id, to: &output)
        case .requestRefused(let id, let refusal):
            add("refused \(id.rawValue) \(refusal.httpStatus.map(String.init) ?? "-") \(refusal.protocolStatus)")
            connection.appendRefusal(refusal, of: id, to: &output)
        case .questionReceived(let bytes):
            add(Self.line(ofAnswer: bytes))
            output += bytes
        }
    }

    /// `values` and the sum of 1, 2 and 4 for the three variables of the specification, or `unknown` and the type.
    private static func line(ofAnswer bytes: [UInt8]) -> String {
        guard let records = ParsedRecord.all(bytes), records.count == 1, records[0].id == 0 else { return "no record" }
        let content = String(decoding: records[0].content, as: UTF8.self)
        switch records[0].type {
        case 10:
            let names = [("FCGI_MAX_CONNS", 1), ("FCGI_MAX_REQS", 2), ("FCGI_MPXS_CONNS", 4)]
            return "values \(names.reduce(0) { $0 + (content.contains($1.0) ? $1.1 : 0) })"
        case 11: return "unknown \(records[0].content.first ?? 0)"
        default: return "record of type \(records[0].type)"
        }
    }

    private mutating func answer(_ id: RequestID, _ connection: inout some GatewayConnection) {
        connection.appendOutput(Array("answer \(id.rawValue)".utf8).span, of: id, to: &output)
        connection.appendEnd(of: id, to: &output)
    }

    private mutating func add(_ line: String) {
        lines.append(line)
        lastBody = ""
    }

    /// Body bytes that follow body bytes of the same stream are one body, however many pieces they came in.
    private mutating func addBody(_ stream: String, _ piece: ArraySlice<UInt8>) {
        if lastBody == stream, !bodies.isEmpty {
            bodies[bodies.count - 1] += piece
            lines.removeLast()
        } else {
            bodies.append(Array(piece))
        }
        lastBody = stream
        let body = bodies[bodies.count - 1]
        lines.append(
            body.count <= 40 ? "\(stream) \(String(decoding: body, as: UTF8.self))" : "\(stream) \(body.count) bytes")
    }
}
