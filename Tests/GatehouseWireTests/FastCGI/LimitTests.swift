import CFastCGI
import GatehouseWire
import Testing

/// Row B1: each limit one below, at it, and one above, over both protocols.
struct LimitTests {
    @Test(arguments: -1...1)
    func `parameters together`(_ over: Int) {
        let pairs = [("CONTENT_LENGTH", "0"), ("SCGI", "1"), ("X", String(repeating: "x", count: 60))]
        let fastCGI = Pairs.bytes(pairs).count
        let scgi = Netstring.head(pairs).count
        #expect(isAccepted(pairs) { $0.parameterBytes = fastCGI - over } == (over <= 0))
        #expect(isAcceptedBySCGI(pairs) { $0.parameterBytes = scgi - over } == (over <= 0))
    }

    @Test(arguments: -1...1)
    func `number of parameters`(_ over: Int) {
        let pairs = [("CONTENT_LENGTH", "0"), ("SCGI", "1"), ("C", "3"), ("D", "4")]
        #expect(isAccepted(pairs) { $0.parameterCount = 4 - over } == (over <= 0))
        #expect(isAcceptedBySCGI(pairs) { $0.parameterCount = 4 - over } == (over <= 0))
    }

    @Test(arguments: -1...1)
    func `a name`(_ over: Int) {
        let pairs = [("CONTENT_LENGTH", "0"), ("SCGI", "1"), (String(repeating: "N", count: 200), "")]
        #expect(isAccepted(pairs) { $0.parameterNameLength = 200 - over } == (over <= 0))
        #expect(isAcceptedBySCGI(pairs) { $0.parameterNameLength = 200 - over } == (over <= 0))
    }

    @Test(arguments: -1...1)
    func `a value`(_ over: Int) {
        let pairs = [("CONTENT_LENGTH", "0"), ("SCGI", "1"), ("V", String(repeating: "v", count: 200))]
        #expect(isAccepted(pairs) { $0.parameterValueLength = 200 - over } == (over <= 0))
        #expect(isAcceptedBySCGI(pairs) { $0.parameterValueLength = 200 - over } == (over <= 0))
    }

    @Test(arguments: -1...1)
    func `requests alive on a connection`(_ over: Int) {
        let begins = (1...3).flatMap { Record.begin(id: $0, keep: true) }
        let trace = Trace.of(
            FastCGIConnection(limits: Transcripts.with { $0.concurrentRequests = 3 - over }), [begins[...]])
        #expect(trace.lines == (over <= 0 ? [] : ["refused 3 503 2"]))
    }

    @Test(arguments: -1...1)
    func `parameters that have not ended, of all requests of a connection`(_ over: Int) {
        let limits = Transcripts.with {
            $0.parameterBytes = 100
            $0.headBytesPerConnection = 250
        }
        var connection = FastCGIConnection(limits: limits)
        var trace = Trace()
        for (id, count) in [(1, 100), (2, 100), (3, 50 + over)] {
            #expect(trace.feed(Record.begin(id: id, keep: true) + unfinished(id, count), to: &connection))
        }
        #expect(trace.lines == (over <= 0 ? [] : ["refused 3 503 2"]))
        #expect(connection.unfinishedHeadBytes == (over <= 0 ? 250 + over : 200))
        // The earlier requests are unchanged, and a place that one leaves is free for the next.
        #expect(trace.feed(Record.abort(id: 1), to: &connection))
        #expect(trace.feed(Record.begin(id: 4, keep: true) + unfinished(4, 100), to: &connection))
        #expect(trace.lines.suffix(1) == ["abort 1"])
    }

    @Test func `parameters that end, are refused, or aborted leave no bytes behind`() {
        var connection = FastCGIConnection(limits: Transcripts.with { $0.parameterBytes = 100 })
        var trace = Trace()
        #expect(trace.feed(Record.begin(id: 1, keep: true) + Record.parameters([("A", "b")]), to: &connection))
        #expect(trace.feed(Record.begin(id: 2, keep: true) + unfinished(2, 90) + unfinished(2, 11), to: &connection))
        #expect(trace.feed(Record.begin(id: 3, keep: true) + unfinished(3, 90) + Record.abort(id: 3), to: &connection))
        let malformed = Record.stream(FCGI_PARAMS, [127], id: 4)
        #expect(trace.feed(Record.begin(id: 4, keep: true) + malformed, to: &connection))
        #expect(trace.lines == ["request 1 responder keep - -", "refused 2 431 0", "abort 3", "refused 4 400 0"])
        #expect(connection.unfinishedHeadBytes == 0)
    }

    @Test func `one request may have all that a request may have, whatever the connection's budget is`() {
        let limits = Transcripts.with {
            $0.parameterBytes = 100
            $0.headBytesPerConnection = 10
        }
        let bytes = Record.begin(keep: true) + unfinished(1, 100)
        #expect(Trace.of(FastCGIConnection(limits: limits), [bytes[...]]).lines == [])
    }

    @Test func `an SCGI head that has not ended counts, and then no more`() {
        var connection = SCGIConnection(limits: Limits())
        var trace = Trace()
        let request = Netstring.request([("CONTENT_LENGTH", "0"), ("SCGI", "1")])
        #expect(trace.feed(request.dropLast(5), to: &connection))
        #expect(connection.unfinishedHeadBytes == request.count - 5 - 3)
        #expect(trace.feed(Array(request.suffix(5)), to: &connection))
        #expect(connection.unfinishedHeadBytes == 0)
    }

    /// A record of parameters, and not their end.
    private func unfinished(_ id: Int, _ count: Int) -> [UInt8] {
        Record.bytes(FCGI_PARAMS, id: id, [UInt8](repeating: 0, count: count))
    }

    @Test(arguments: -1...1)
    func `path and query`(_ over: Int) {
        let target = "/" + String(repeating: "p", count: 999 + over)
        for variable in ["REQUEST_URI", "PATH_INFO"] {
            let parameters = GatewayVariables([("REQUEST_METHOD", "GET"), (variable, target)])
            var known = KnownHost()
            let request = Result {
                try CGIRequest.read(
                    parameters, CGIVariables(parameters), targetLimit: 1_000, knownHost: &known
                ).target
            }
            #expect((try? request.get()) == (over <= 0 ? target : nil))
            if over > 0 {
                #expect(throws: BadRequest(httpStatus: 414, reason: "path and query of 1001 bytes, over 1000")) {
                    try request.get()
                }
            }
        }
    }

    @Test(arguments: -1...1)
    func `the values that are asked for`(_ over: Int) {
        // One pair with a long value, whose lengths and name take 5 + 14 bytes.
        let value = String(repeating: "v", count: Limits.managementBytes - 19 + over)
        let record = Record.bytes(FCGI_GET_VALUES, id: 0, Pairs.bytes([("FCGI_MAX_CONNS", value)]))
        let trace = Trace.of(FastCGIConnection(limits: Limits()), [record[...]])
        #expect(trace.lines == [over <= 0 ? "values 1" : "violation bad-get-values"])
    }

    @Test func `65,535 requests that never say a parameter leave no more behind than the limit (B2)`() {
        var connection = FastCGIConnection(limits: Limits())
        var trace = Trace()
        let begins = (1...65_535).flatMap { Record.begin(id: $0, keep: true) }
        #expect(trace.feed(begins, to: &connection))
        #expect(trace.lines.count == 65_535 - 100)
        #expect(trace.lines.allSatisfy { $0.hasSuffix("503 2") })
        // Those that were there first are as they were.
        #expect(trace.feed(Record.parameters([], id: 100) + Record.input("", id: 100), to: &connection))
        #expect(trace.lines.suffix(2) == ["request 100 responder keep - -", "end 100"])
    }

    @Test func `an aborted request keeps its place until its end`() throws {
        var connection = FastCGIConnection(limits: Transcripts.with { $0.concurrentRequests = 1 })
        #expect(
            try events(Record.begin(id: 1, keep: true) + Record.abort(id: 1), &connection) == [
                .requestAborted(RequestID(rawValue: 1))
            ])
        let refused = try events(Record.begin(id: 2, keep: true), &connection)
        #expect(refused.count == 1)
        var output: [UInt8] = []
        connection.appendEnd(of: RequestID(rawValue: 1), to: &output)
        #expect(try events(Record.begin(id: 2, keep: true), &connection).isEmpty)
    }

    private func events(_ chunk: [UInt8], _ connection: inout FastCGIConnection) throws -> [ConnectionEvent] {
        var offset = 0
        var events: [ConnectionEvent] = []
        while let event = try connection.nextEvent(in: chunk.span, at: &offset, now: 0) { events.append(event) }
        return events
    }

    private func isAccepted(_ pairs: [(String, String)], _ change: (inout Limits) -> Void) -> Bool {
        let trace = Trace.of(
            FastCGIConnection(limits: Transcripts.with(change)),
            [(Record.begin(keep: true) + Record.parameters(pairs, size: 50))[...]])
        #expect(trace.lines == (trace.heads.isEmpty ? ["refused 1 431 0"] : ["request 1 responder keep - -"]))
        return !trace.heads.isEmpty
    }

    private func isAcceptedBySCGI(_ pairs: [(String, String)], _ change: (inout Limits) -> Void) -> Bool {
        let trace = Trace.of(SCGIConnection(limits: Transcripts.with(change)), [Netstring.request(pairs)[...]])
        #expect(trace.lines == (trace.heads.isEmpty ? ["refused 1 431 0"] : ["request 1 responder - -", "end 1"]))
        return !trace.heads.isEmpty
    }
}
