import CFastCGI
import GatehousePlan
import GatehouseWire
import Testing

/// A connection's state between events: rows A11 and B5, and rule 4, that an end is an abort.
struct ConnectionStateTests {
    private func state(_ bytes: [UInt8], _ wire: GatewayProtocol = .fastCGI) -> Trace {
        Transcript("", wire, [bytes], []).trace([bytes[...]])
    }

    @Test func `the peer may end when it owes nothing`() {
        #expect(state([]).isBetweenRequests)
        let request = Record.begin(keep: true) + Record.parameters([]) + Record.input("")
        #expect(state(request).isBetweenRequests)
        #expect(!state(Array(request.dropLast())).isBetweenRequests)
        #expect(!state(request + [1]).isBetweenRequests)
        #expect(!state(Record.begin()).isBetweenRequests)
        #expect(!state(Record.begin() + Record.parameters([])).isBetweenRequests)
        #expect(state(Record.begin(role: FCGI_AUTHORIZER) + Record.parameters([])).isBetweenRequests)
        #expect(!state(Record.begin(role: FCGI_FILTER) + Record.parameters([]) + Record.input("")).isBetweenRequests)
        #expect(!state(Record.bytes(FCGI_GET_VALUES, id: 0, padding: 3).dropLast() + []).isBetweenRequests)
        #expect(state(Record.begin() + Record.abort()).isBetweenRequests)
    }

    @Test func `an SCGI body that is short is no end`() {
        #expect(state([], .scgi).isBetweenRequests)
        let request = Netstring.request(Transcripts.head(4), body: "body")
        #expect(state(request, .scgi).isBetweenRequests)
        for length in 1..<request.count { #expect(!state(Array(request.prefix(length)), .scgi).isBetweenRequests) }
    }

    @Test func `no request follows an unkept one, nor SCGI's`() {
        #expect(state(Record.begin(keep: true) + Record.parameters([])).acceptsMoreRequests)
        #expect(!state(Record.begin(keep: false)).acceptsMoreRequests)
        #expect(!state(Record.begin(id: 1, role: 7)).acceptsMoreRequests)
        #expect(!state([9, 9, 9, 9, 9, 9, 9, 9]).acceptsMoreRequests)
        #expect(state(Array("70".utf8), .scgi).acceptsMoreRequests)
        #expect(!state(Netstring.request(Transcripts.head(4)), .scgi).acceptsMoreRequests)
    }

    @Test func `a head that is not all there is known by when it began (B5)`() throws {
        var connection = FastCGIConnection(limits: Limits())
        #expect(connection.oldestUnfinishedHead == nil)
        try feed(Array(Record.begin(id: 1, keep: true).prefix(3)), 10, &connection)
        #expect(connection.oldestUnfinishedHead == 10)
        try feed(Array(Record.begin(id: 1, keep: true).dropFirst(3)), 20, &connection)
        try feed(Record.begin(id: 2, keep: true), 30, &connection)
        #expect(connection.oldestUnfinishedHead == 10)
        try feed(Record.parameters([], id: 1), 40, &connection)
        #expect(connection.oldestUnfinishedHead == 30)
        try feed(Record.parameters([], id: 2), 50, &connection)
        #expect(connection.oldestUnfinishedHead == nil)
        // A piece of body that drips is not a head.
        try feed([1, UInt8(FCGI_STDIN), 0, 1], 60, &connection)
        #expect(connection.oldestUnfinishedHead == nil)
        try feed([0, 0, 0, 0], 61, &connection)
        try feed(Array(Record.begin(id: 3).prefix(12)), 70, &connection)
        #expect(connection.oldestUnfinishedHead == 70)
    }

    @Test func `a record that drips while no request is alive counts as a head (B5)`() throws {
        var connection = FastCGIConnection(limits: Limits())
        try feed(Array(Record.getValues(["FCGI_MAX_CONNS"]).prefix(12)), 5, &connection)
        #expect(connection.oldestUnfinishedHead == 5)
    }

    @Test func `an SCGI head is known by when it began`() throws {
        var connection = SCGIConnection(limits: Limits())
        let request = Netstring.request(Transcripts.head(4))
        #expect(connection.oldestUnfinishedHead == nil)
        for (index, byte) in request.dropLast().enumerated() {
            try feed([byte], Int64(index + 3), &connection)
            #expect(connection.oldestUnfinishedHead == 3)
        }
        try feed([UInt8(ascii: ",")], 999, &connection)
        #expect(connection.oldestUnfinishedHead == nil)
    }

    private func feed(_ chunk: [UInt8], _ now: Int64, _ connection: inout some GatewayConnection) throws {
        var offset = 0
        while try connection.nextEvent(in: chunk.span, at: &offset, now: now) != nil {}
        #expect(offset == chunk.count)
    }

    @Test func `nothing is read after a violation`() {
        var connection = FastCGIConnection(limits: Limits())
        var trace = Trace()
        #expect(!trace.feed(Record.begin(id: 0), to: &connection))
        #expect(!trace.feed(Record.begin(id: 1), to: &connection))
        #expect(trace.lines == ["violation null-request-id", "violation null-request-id"])
    }

    @Test func `bytes after an SCGI body are a violation until it is answered, and then passed over`() throws {
        var connection = SCGIConnection(limits: Limits())
        try feed(Netstring.request(Transcripts.head(1), body: "b"), 0, &connection)
        var open = connection
        #expect(throws: PeerViolation.self) { try feed([1], 0, &open) }
        var output: [UInt8] = []
        connection.appendEnd(of: RequestID(rawValue: 1), to: &output)
        try feed([1, 2, 3], 0, &connection)
        #expect(output.isEmpty)
    }

    @Test func `random bytes end in events or a violation, never in a trap`() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<3_000 {
            // Headers that are nearly right go deeper than noise does.
            let bytes = (0..<12).flatMap { _ in
                Record.bytes(
                    Int32.random(in: 0...12, using: &random), id: Int.random(in: 0...2, using: &random),
                    (0..<Int.random(in: 0...9, using: &random)).map { _ in UInt8.random(in: 0...3, using: &random) })
            }
            let size = Int.random(in: 1...bytes.count, using: &random)
            let whole = Trace.of(FastCGIConnection(limits: Limits()), [bytes[...]])
            #expect(Trace.of(FastCGIConnection(limits: Limits()), [bytes[..<size], bytes[size...]]) == whole)
        }
    }
}
