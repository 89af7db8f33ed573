import GatehouseConfiguration
import GatehousePlan
@testable import GatehouseSupervisor
import Testing

/// A program's probe and the meaning of its answer, in each protocol.
struct ProgramRequestTests {
    private static func request(_ scheme: Endpoint.Scheme) -> ProgramRequest {
        ProgramRequest(path: "/health?deep=1", scheme: scheme, directory: "/srv/site")
    }

    private static func record(_ type: UInt8, _ text: String, padding: Int = 0) -> [UInt8] {
        [1, type, 0, 1, 0, UInt8(text.utf8.count), UInt8(padding), 0] + Array(text.utf8)
            + [UInt8](repeating: 0, count: padding)
    }

    @Test func `each protocol has its request`() {
        let http = String(decoding: Self.request(.http).bytes, as: UTF8.self)
        #expect(http.hasPrefix("GET /health?deep=1 HTTP/1.1\r\nHost: localhost\r\n") && http.hasSuffix("\r\n\r\n"))
        let scgi = String(decoding: Self.request(.scgi).bytes, as: UTF8.self)
        #expect(scgi.contains(":CONTENT_LENGTH\u{0}0\u{0}SCGI\u{0}1\u{0}REQUEST_METHOD\u{0}GET\u{0}"))
        #expect(Int(scgi.prefix { $0 != ":" }) == scgi.utf8.count - scgi.prefix { $0 != ":" }.utf8.count - 2)
        let uwsgi = Self.request(.uwsgi).bytes
        #expect(uwsgi[0] == 0 && uwsgi[3] == 0 && Int(uwsgi[1]) + Int(uwsgi[2]) << 8 == uwsgi.count - 4)
        let fastcgi = Self.request(.fastCGI).bytes
        #expect(Array(fastcgi.prefix(16)) == [1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        #expect(Array(fastcgi.suffix(16)) == [1, 4, 0, 1, 0, 0, 0, 0, 1, 5, 0, 1, 0, 0, 0, 0])
        let text = String(decoding: fastcgi, as: UTF8.self)
        #expect(text.contains("SCRIPT_FILENAME/srv/site/health") && text.contains("QUERY_STRINGdeep=1"))
    }

    @Test(arguments: [
        (Endpoint.Scheme.http, "HTTP/1.1 204 No Content\r\n", ProgramRequest.Answer.status(204)),
        (.http, "HTTP/1.0 503\n", .status(503)), (.http, "HTT", .incomplete), (.http, "SSH-2.0", .garbled),
        (.http, "HTTP/1.1 OK\r\n", .garbled), (.uwsgi, "HTTP/1.1 200 OK\r\n", .status(200)),
        (.scgi, "Content-Type: a\r\nStatus: 404 Not Found\r\n\r\n", .status(404)),
        (.scgi, "Content-Type: a\n\nStatus: 500", .status(200)), (.scgi, "Content-Type: a\n", .incomplete),
    ])
    func `an answer's status is found as soon as it is there`(
        scheme: Endpoint.Scheme, text: String, answer: ProgramRequest.Answer
    ) {
        #expect(Self.request(scheme).answer(Array(text.utf8), isWhole: false) == answer)
    }

    @Test func `FastCGI has it in records, and ends by one`() {
        let request = Self.request(.fastCGI)
        let head =
            Self.record(6, "Status: 500 No\r\n", padding: 3) + Self.record(7, "a warning") + Self.record(6, "\r\nx")
        #expect(request.answer(head, isWhole: false) == .status(500))
        #expect(request.answer(Array(head.prefix(30)), isWhole: false) == .incomplete)
        #expect(request.answer(Self.record(6, "x") + Self.record(3, "12345678"), isWhole: false) == .garbled)
        #expect(request.answer(Array("HTTP/1.1 200".utf8), isWhole: false) == .garbled)
    }

    @Test func `an end before the status is no answer`() {
        for scheme in Endpoint.Scheme.allCases { #expect(Self.request(scheme).answer([], isWhole: true) == .garbled) }
    }
}
