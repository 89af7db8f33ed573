import CFastCGI
import GatehousePlan
import GatehouseWire
import Testing

/// Rows A4, A5, A9, B2, D4: our answers.
struct OutputTests {
    private let id = RequestID(rawValue: 0x0102)
    private let connection = FastCGIConnection(limits: Limits())

    @Test(arguments: [0, 1, 7, 8, 9, 65_527, 65_528, 65_529, 65_535, 65_536, 131_056, 131_057, 1_048_576])
    func `output of any length is records whose content is that output`(_ length: Int) throws {
        try check(length: length, of: 3)
    }

    @Test func `output of random lengths is records whose content is that output (A4)`() throws {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<10 {
            try check(
                length: Int.random(in: 0...1_048_576, using: &random), of: UInt8.random(in: 1...255, using: &random))
        }
    }

    private func check(length: Int, of byte: UInt8) throws {
        let content = [UInt8](repeating: byte, count: length)
        var output: [UInt8] = []
        connection.appendOutput(content.span, of: id, to: &output)
        let records = try #require(ParsedRecord.all(output))
        #expect(Array(records.map(\.content).joined()) == content)
        #expect(
            records.allSatisfy {
                $0.type == UInt8(FCGI_STDOUT) && $0.id == 0x0102 && $0.reserved == 0 && !$0.content.isEmpty
                    && $0.content.count <= 65_528 && ($0.content.count + $0.padding.count) % 8 == 0
                    && $0.padding.count < 8 && $0.padding.allSatisfy { $0 == 0 }
            })
        #expect(output == framed(content))
    }

    /// The same output with the content written from its own memory.
    private func framed(_ content: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var rest = content[...]
        while true {
            let frame = connection.appendFrame(forOutputOf: rest.count, of: id, to: &output)
            if frame.contentLength == 0 { return output }
            output += rest.prefix(frame.contentLength)
            output += [UInt8](repeating: 0, count: frame.paddingLength)
            rest = rest.dropFirst(frame.contentLength)
        }
    }

    @Test func `empty output is no record, because an empty record ends the stream (A9)`() {
        var output: [UInt8] = []
        let nothing: [UInt8] = []
        connection.appendOutput(nothing.span, of: id, to: &output)
        #expect(
            connection.appendFrame(forOutputOf: 0, of: id, to: &output)
                == OutputFrame(contentLength: 0, paddingLength: 0))
        #expect(output.isEmpty)
    }

    @Test func `whatever a front server sends, no answer has a record of FCGI_STDERR`() throws {
        let types = try Transcripts.all.filter { $0.wire == .fastCGI }.flatMap { transcript in
            try #require(ParsedRecord.all(transcript.trace([transcript.bytes[...]]).output)).map(\.type)
        }
        let sent = [FCGI_STDOUT, FCGI_END_REQUEST, FCGI_GET_VALUES_RESULT, FCGI_UNKNOWN_TYPE].map { UInt8($0) }
        #expect(Set(types) == Set(sent))
    }

    @Test func `a request's end is the end of its output and one END_REQUEST, however often it is asked for (B4)`()
        throws
    {
        var connection = connection
        var offset = 0
        let chunk = Record.begin(id: 0x0102)
        #expect(try connection.nextEvent(in: chunk.span, at: &offset, now: 0) == nil)
        var output: [UInt8] = []
        connection.appendEnd(of: id, to: &output)
        connection.appendEnd(of: id, to: &output)
        #expect(output == [1, 6, 1, 2, 0, 0, 0, 0, 1, 3, 1, 2, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func `a refusal with an HTTP status is a whole response and an end (D4)`() throws {
        var connection = connection
        var output: [UInt8] = []
        let refusal = Refusal(httpStatus: 503, protocolStatus: UInt8(FCGI_OVERLOADED), reason: "for the log alone")
        connection.appendRefusal(refusal, of: id, to: &output)
        let records = try #require(ParsedRecord.all(output))
        let text =
            "Status: 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 24\r\n\r\n"
            + "503 Service Unavailable\n"
        #expect(records.map(\.type) == [6, 6, 3])
        #expect(String(decoding: records[0].content, as: UTF8.self) == text)
        #expect(records[1].content.isEmpty)
        #expect(records[2].content == [0, 0, 0, 0, 2, 0, 0, 0])
    }

    @Test func `a refusal of the protocol alone is only an end`() {
        var connection = connection
        var output: [UInt8] = []
        let refusal = Refusal(httpStatus: nil, protocolStatus: UInt8(FCGI_UNKNOWN_ROLE), reason: "")
        connection.appendRefusal(refusal, of: id, to: &output)
        #expect(output == [1, 3, 1, 2, 0, 8, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0])
    }

    @Test func `values are answered with what the limits say (B2)`() throws {
        var limits = Limits()
        limits.connections = 12
        limits.concurrentRequests = 5
        #expect(
            try reply(["FCGI_MPXS_CONNS", "FCGI_MAX_REQS", "FCGI_MAX_CONNS", "FCGI_MAX_REQS"], limits)
                == [("FCGI_MAX_CONNS", "12"), ("FCGI_MAX_REQS", "60"), ("FCGI_MPXS_CONNS", "1")].flatMap {
                    Pairs.bytes([$0])
                })
        limits.concurrentRequests = 1
        #expect(try reply(["FCGI_MPXS_CONNS"], limits) == Pairs.bytes([("FCGI_MPXS_CONNS", "0")]))
        limits.connections = Int.max
        limits.concurrentRequests = 2
        #expect(try reply(["FCGI_MAX_REQS"], limits) == Pairs.bytes([("FCGI_MAX_REQS", "\(Int.max)")]))
        #expect(try reply([], limits).isEmpty)
    }

    /// The content of the answer to FCGI_GET_VALUES with these names.
    private func reply(_ names: [String], _ limits: Limits) throws -> [UInt8] {
        let output = Trace.of(FastCGIConnection(limits: limits), [Record.getValues(names)[...]]).output
        let records = try #require(ParsedRecord.all(output))
        let record = try #require(records.first)
        #expect(records.count == 1 && record.type == UInt8(FCGI_GET_VALUES_RESULT) && record.id == 0)
        return record.content
    }

    @Test func `an unknown type is named in its answer`() {
        let output = Trace.of(connection, [Record.bytes(77, id: 0)[...]]).output
        #expect(output == [1, 11, 0, 0, 0, 8, 0, 0, 77, 0, 0, 0, 0, 0, 0, 0])
    }
}
