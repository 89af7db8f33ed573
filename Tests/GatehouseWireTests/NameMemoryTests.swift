import GatehousePlan
import GatehouseWire
import Testing

/// A request means the same, whichever names the requests before it had.
struct NameMemoryTests {
    /// All that a handler gets to know of a request's variables.
    private func facts(_ parameters: GatewayVariables) -> [String] {
        var facts = parameters.pairs.map { "\($0.name)=\($0.value)" }
        parameters.forEachHeader { name, value in
            facts.append("header \(Self.text(name)): \(Self.text(value))")
        }
        let variables = CGIVariables(parameters)
        parameters.withIdentity(variables) { identity in
            facts.append("identity \(Array(identity.id)) \(Array(identity.method)) \(Array(identity.uri))")
        }
        parameters.withClient(variables) { address, port in facts.append("client \(Array(address)) \(Array(port))") }
        facts.append("secure \(parameters.isSecure)")
        facts.append("request \(Result { () throws(BadRequest) in try CGIRequest(parameters) })")
        return facts
    }

    private static func text(_ bytes: Span<UInt8>) -> String {
        bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    private func expectSame(_ trace: Trace, _ plain: Trace, _ comment: Comment) {
        #expect(trace == plain, comment)
        #expect(trace.heads.map { facts($0.parameters) } == plain.heads.map { facts($0.parameters) }, comment)
    }

    @Test(arguments: Transcripts.all)
    func `a transcript means the same when its names are expected`(_ transcript: Transcript) {
        let plain = transcript.trace([transcript.bytes[...]])
        let memory = NameMemory()
        for time in 1...4 {
            expectSame(transcript.trace([transcript.bytes[...]], names: memory), plain, "time \(time)")
        }
    }

    @Test(arguments: [1, 2, 3])
    func `a transcript means the same after any other`(_ times: Int) {
        let memory = NameMemory()
        for transcript in Transcripts.all {
            let plain = transcript.trace([transcript.bytes[...]])
            for _ in 1...times {
                expectSame(transcript.trace([transcript.bytes[...]], names: memory), plain, "\(transcript.name)")
            }
        }
    }

    private static let usual = [
        ("CONTENT_LENGTH", "0"), ("SCGI", "1"), ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/a?b"), ("S", ""),
        ("REMOTE_ADDR", "::1"), ("REMOTE_PORT", "4"), ("HTTPS", "on"), ("HTTP_HOST", "a.test"), ("HTTP_ACCEPT", "*/*"),
    ]

    /// Requests that begin as the usual one does.
    private static let others: [[(String, String)]] = [
        usual, Array(usual.dropLast()), usual + [("HTTP_COOKIE", "c=d")], Array(usual.prefix(4)),
        usual.map { ($0.0, $0.0 == "REQUEST_URI" ? String(repeating: "/x", count: 200) : $0.1) },
        usual.map { ($0.0 == "HTTP_HOST" ? "HTTP_HOSS" : $0.0, $0.1) },
        usual.map { ($0.0 == "S" ? "T" : $0.0, $0.1) }, usual + [("HTTP_PROXY", "evil")],
        usual + [("REQUEST_METHOD", "GET")], usual + [("HTTP_ACCEPT", "text/html")],
        usual + [("CONTENT_LENGTH", "")], Array(usual.prefix(3)) + usual.suffix(6).reversed(),
        usual.map { ($0.0, $0.0 == "HTTP_ACCEPT" ? "a\nb" : $0.1) },
    ]

    @Test(arguments: Self.others.indices, Self.others.indices)
    func `a request means the same after another that is nearly the same`(_ first: Int, _ second: Int) {
        let fastCGI = NameMemory()
        let scgi = NameMemory()
        let uwsgi = NameMemory()
        for index in [first, first, first, second, first, second, second, second] {
            let pairs = Self.others[index]
            let records = Record.begin() + Record.parameters(pairs) + Record.input("")
            for (memory, transcript) in [
                (fastCGI, Transcript("FastCGI", .fastCGI, [records], [])),
                (scgi, Transcript("SCGI", .scgi, [Netstring.request(pairs, body: "")], [])),
                (uwsgi, Transcript("uwsgi", .uwsgi, [Packet.request(pairs)], [])),
            ] {
                let plain = transcript.trace([transcript.bytes[...]])
                expectSame(transcript.trace([transcript.bytes[...]], names: memory), plain, "\(transcript.name)")
            }
        }
    }

    @Test func `an empty name, which FastCGI allows, is not expected of the others`() {
        let memory = NameMemory()
        let pairs = [("CONTENT_LENGTH", "0"), ("SCGI", "1"), ("", "x")]
        let records = Record.begin() + Record.parameters(pairs) + Record.input("")
        for _ in 1...3 { _ = Transcript("FastCGI", [records], []).trace([records[...]], names: memory) }
        let scgi = Netstring.request(pairs)
        #expect(Transcript("", .scgi, [scgi], []).trace([scgi[...]], names: memory).lines == ["violation bad-head"])
        let uwsgi = Packet.request(pairs)
        #expect(Transcript("", .uwsgi, [uwsgi], []).trace([uwsgi[...]], names: memory).lines == ["refused 1 400 0"])
    }

    @Test func `a name with NUL, which SCGI cannot have, is not expected of it`() {
        // In SCGI, these names and values are CONTENT_LENGTH=0, SCGI=1 and S=x.
        let memory = NameMemory()
        let odd = [("CONTENT_LENGTH\u{0}0", "SCGI"), ("1", "S")]
        let records = Record.begin() + Record.parameters(odd) + Record.input("")
        for _ in 1...3 { _ = Transcript("FastCGI", [records], []).trace([records[...]], names: memory) }
        let bytes = Netstring.request([("CONTENT_LENGTH", "0"), ("SCGI", "1"), ("S", "x")])
        let scgi = Transcript("SCGI", .scgi, [bytes], [])
        expectSame(scgi.trace([bytes[...]], names: memory), scgi.trace([bytes[...]]), "")
        #expect(scgi.trace([bytes[...]]).heads.count == 1)
    }

    @Test func `a limit holds for expected names too`() {
        let records = Record.begin() + Record.parameters(Self.usual) + Record.input("")
        for change: (inout Limits) -> Void in [
            { $0.parameterCount = 9 }, { $0.parameterNameLength = 13 }, { $0.parameterValueLength = 5 },
        ] {
            let memory = NameMemory()
            for _ in 1...3 { _ = Transcript("wide", [records], []).trace([records[...]], names: memory) }
            var limits = Limits()
            change(&limits)
            let narrow = Transcript("narrow", limits: limits, [records], [])
            #expect(narrow.trace([records[...]], names: memory) == narrow.trace([records[...]]))
            #expect(narrow.trace([records[...]], names: memory).lines.contains { $0.hasPrefix("refused 1 431") })
        }
    }
}
