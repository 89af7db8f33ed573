import GatehouseWire
import Testing

/// Row A11, beyond the transcripts.
struct SCGIHeadTests {
    private func parameters(_ pairs: [(String, String)], body: String = "") throws -> GatewayVariables {
        let trace = Trace.of(SCGIConnection(limits: Limits()), [Netstring.request(pairs, body: body)[...]])
        return try #require(trace.heads.first?.parameters, "\(trace.lines)")
    }

    @Test func `a handler sees the true length if nginx announced a smaller one`() throws {
        let parameters = try parameters(Transcripts.head(3, [("HTTP_CONTENT_LENGTH", "10")]), body: "0123456789")
        #expect(parameters["CONTENT_LENGTH"] == "10")
        #expect(try CGIRequest(parameters).contentLength == 10)
        #expect(parameters["SCGI"] == "1")
    }

    @Test(arguments: ["2", "", "x", "+9"])
    func `a client's length that is smaller or no number changes nothing`(_ length: String) throws {
        let parameters = try parameters(Transcripts.head(3, [("HTTP_CONTENT_LENGTH", length)]), body: "abc")
        #expect(parameters["CONTENT_LENGTH"] == "3")
    }

    @Test func `an empty CONTENT_LENGTH takes the one before it back`() throws {
        let parameters = try parameters(
            Transcripts.head(7, [("HTTP_CONTENT_LENGTH", "7"), ("CONTENT_LENGTH", "")]))
        #expect(parameters["CONTENT_LENGTH"] == "")
        #expect(try CGIRequest(parameters).contentLength == nil)
    }

    @Test func `names and values come as they are, and a repeated name once`() throws {
        let parameters = try parameters(Transcripts.head(0, [("A", ""), ("B", "x y"), ("A", "")]))
        #expect(parameters.pairs.map(\.name) == ["CONTENT_LENGTH", "SCGI", "REQUEST_METHOD", "REQUEST_URI", "A", "B"])
        #expect(parameters["B"] == "x y")
    }

    @Test func `a length of ten digits is refused without waiting for more (A11)`() {
        for length in ["262145", "9999999999"] {
            var trace = Trace()
            var connection = SCGIConnection(limits: Limits())
            #expect(trace.feed(Array(length.utf8), to: &connection))
            #expect(trace.lines == ["refused 1 431 0"])
            #expect(
                String(decoding: trace.output, as: UTF8.self).hasPrefix(
                    "Status: 431 Request Header Fields Too Large\r\n"))
        }
    }

    @Test func `output has nothing around it`() {
        var connection = SCGIConnection(limits: Limits())
        var output: [UInt8] = []
        let id = RequestID(rawValue: 1)
        let content: [UInt8] = [1, 2]
        connection.appendOutput(content.span, of: id, to: &output)
        #expect(
            connection.appendFrame(forOutputOf: 100_000, of: id, to: &output)
                == OutputFrame(contentLength: 100_000, paddingLength: 0))
        connection.appendEnd(of: id, to: &output)
        #expect(output == [1, 2])
    }
}
