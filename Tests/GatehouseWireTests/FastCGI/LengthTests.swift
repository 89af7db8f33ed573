import CFastCGI
import Testing

@testable import GatehouseWire

/// Row A1: lengths that have overflowed other decoders.
struct LengthTests {
    private static let lengths = [0, 1, 127, 128, 255, 65_535, 16_777_216, 2_147_483_646, 2_147_483_647]

    @Test(arguments: lengths, lengths)
    func `a pair of any two lengths is refused unless its bytes come`(name: Int, value: Int) {
        let tail = [UInt8](repeating: 65, count: name + value <= 2 ? name + value + 1 : 1)
        for long in [false, true] {
            let content = Pairs.length(name, long: long) + Pairs.length(value, long: long) + tail
            let trace = Trace.of(
                FastCGIConnection(limits: Limits()),
                [(Record.begin(keep: true) + Record.stream(FCGI_PARAMS, content))[...]])
            let isTooLarge = name > 1_024 || value > 65_535
            // A pair that is small enough to be there is followed by half a length.
            #expect(trace.lines == ["refused 1 \(isTooLarge ? 431 : 400) 0"])
        }
    }

    @Test(arguments: [[127, 255, 255, 255], [255, 255, 255, 255]] as [[UInt8]])
    func `what lengths promise is not allocated before it comes`(_ length: [UInt8]) throws {
        var connection = FastCGIConnection(limits: Limits())
        let header: [UInt8] = [1, UInt8(FCGI_PARAMS), 0, 1, 255, 255, 255, 0]
        let chunk = Record.begin() + header + length + length
        var offset = 0
        #expect(try connection.nextEvent(in: chunk.span, at: &offset, now: 0) == nil)
        #expect(connection.requests.count == 1)
        #expect(connection.requests[0].parameters.count == 8)
        #expect(connection.requests[0].parameters.capacity < 256)
    }

    @Test func `lengths in every form give the same pair`() throws {
        for (long, size) in [(false, 65_535), (true, 65_535), (true, 1), (false, 3)] {
            let content = Pairs.bytes([("NAME", "value"), ("", ""), ("EMPTY", ""), ("", "nameless")], long: long)
            let trace = Trace.of(
                FastCGIConnection(limits: Limits()),
                [(Record.begin() + Record.stream(FCGI_PARAMS, content, size: size))[...]])
            let parameters = try #require(trace.heads.first?.parameters)
            #expect(parameters["NAME"] == "value")
            #expect(parameters["EMPTY"] == "")
            #expect(parameters[""] == "nameless")
            #expect(parameters["NONE"] == nil)
        }
    }
}
