import GatehouseWire
import Testing

/// Row C5, beyond the transcripts.
struct UWSGIConnectionTests {
    private func trace(_ bytes: [UInt8], _ change: (inout Limits) -> Void = { _ in }) -> Trace {
        Trace.of(UWSGIConnection(limits: Transcripts.with(change)), [bytes[...]])
    }

    private func parameters(_ pairs: [(String, String)]) throws -> GatewayVariables {
        let trace = trace(Packet.request(pairs))
        return try #require(trace.heads.first?.parameters, "\(trace.lines)")
    }

    @Test func `of a name that comes twice the last value counts, and a client's header keeps both`() throws {
        let parameters = try parameters([("A", "1"), ("HTTP_X", "a"), ("B", ""), ("A", "2"), ("HTTP_X", "b")])
        #expect(parameters.pairs.map(\.name) == ["A", "HTTP_X", "B", "HTTP_X"])
        #expect(parameters["A"] == "2")
    }

    @Test(arguments: ["HTTP_PROXY", "http_proxy", "Http_Proxy"])
    func `HTTP_PROXY is dropped in any case (C1)`(_ name: String) throws {
        #expect(try parameters([(name, "evil"), ("HTTP_PROXY_AUTH", "x")]).pairs.map(\.name) == ["HTTP_PROXY_AUTH"])
    }

    @Test func `of all first bytes one is a request, and thirteen more are answered`() {
        var answered: [UInt8] = []
        for modifier in UInt8.min...UInt8.max {
            let trace = trace(Packet.request([("REQUEST_METHOD", "GET")], modifier1: modifier))
            switch trace.lines.first {
            case "request 1 responder GET -": #expect(modifier == 0)
            case "refused 1 501 0":
                answered.append(modifier)
                #expect(String(decoding: trace.output, as: UTF8.self).hasPrefix("HTTP/1.1 501 Not Implemented\r\n"))
            default: #expect(trace.lines == ["violation bad-modifier"] && trace.output.isEmpty)
            }
        }
        #expect(answered == [5, 6, 7, 8, 9, 14, 15, 18, 23, 24, 25, 26, 30])
    }

    @Test func `every size that a packet can announce waits for its bytes and takes no memory for it`() {
        for size in [0, 1, 255, 256, 65_534, 65_535] {
            var connection = UWSGIConnection(limits: Limits())
            var trace = Trace()
            #expect(trace.feed([0] + Packet.length(size) + [0], to: &connection))
            #expect(connection.unfinishedHeadBytes == 0)
            #expect(trace.lines == (size == 0 ? ["request 1 responder - -", "end 1"] : []))
        }
    }

    @Test(arguments: -1...1)
    func `each limit one below, at it and one above (B1)`(_ over: Int) {
        let long = String(repeating: "x", count: 200)
        let pairs = [("A", "1"), (long, ""), ("B", long)]
        let packet = Packet.request(pairs)
        let size = Packet.variables(pairs).count
        let expected = over <= 0 ? ["request 1 responder - -", "end 1"] : ["refused 1 431 0"]
        #expect(trace(packet) { $0.parameterBytes = size - over }.lines == expected)
        #expect(trace(packet) { $0.parameterCount = 3 - over }.lines == expected)
        #expect(trace(packet) { $0.parameterNameLength = 200 - over }.lines == expected)
        #expect(trace(packet) { $0.parameterValueLength = 200 - over }.lines == expected)
    }

    @Test func `variables that have not ended count, and then no more`() {
        var connection = UWSGIConnection(limits: Limits())
        var trace = Trace()
        let packet = Packet.request([("REQUEST_METHOD", "GET")])
        #expect(trace.feed(Array(packet.dropLast()), to: &connection))
        #expect(connection.unfinishedHeadBytes == packet.count - 5)
        #expect(trace.feed([packet[packet.count - 1]], to: &connection))
        #expect(connection.unfinishedHeadBytes == 0)
    }

    @Test func `a packet and a body that are short are no end`() {
        let packet = Packet.request(Transcripts.post("/", 4), body: "body")
        #expect(trace([]).isBetweenRequests && trace([]).acceptsMoreRequests)
        for length in 1..<packet.count {
            let trace = trace(Array(packet.prefix(length)))
            #expect(!trace.isBetweenRequests)
            #expect(trace.acceptsMoreRequests == trace.heads.isEmpty)
            #expect(trace.hasUnfinishedHead == trace.heads.isEmpty)
        }
        #expect(trace(packet).isBetweenRequests && !trace(packet).acceptsMoreRequests)
    }

    @Test func `bytes after the body are a violation until it is answered, and then passed over`() throws {
        var connection = UWSGIConnection(limits: Limits())
        let packet = Packet.request(Transcripts.post("/", 1), body: "b")
        try feed(packet, &connection)
        var open = connection
        #expect(throws: PeerViolation.self) { try feed([1], &open) }
        var output: [UInt8] = []
        connection.appendEnd(of: RequestID(rawValue: 1), to: &output)
        try feed([1, 2, 3], &connection)
        #expect(output.isEmpty)
    }

    private func feed(_ chunk: [UInt8], _ connection: inout UWSGIConnection) throws {
        var offset = 0
        while try connection.nextEvent(in: chunk.span, at: &offset, now: 0) != nil {}
        #expect(offset == chunk.count)
    }
}
