import FoundationEssentials
import GatehousePlan
import GatehouseServer
import GatehouseWire
import Glibc
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import Testing

/// Lines of the access log for an engine's requests.
struct AccessLogTests {
    /// A log in memory that can be read again.
    private struct File {
        let descriptor: Int32
        let reader: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            try #require(pipe(&ends) == 0)
            reader = ends[0]
            descriptor = ends[1]
        }

        /// The lines that have been written by now.
        func text() -> String {
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = read(reader, &chunk, chunk.count)
            return String(decoding: chunk.prefix(max(0, count)), as: UTF8.self)
        }
    }

    private func log(_ file: File, _ format: String) throws -> AccessLog {
        AccessLog(
            descriptor: file.descriptor, format: try AccessLogFormat(format), pool: "web",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func lines(
        _ format: String, _ bytes: [UInt8],
        handler: @escaping @Sendable (Request, GatewayRequest) async throws -> Response = { _, _ in Bench.text("hello")
        }
    ) async throws -> String {
        let file = try File()
        let bench = try await Bench(accessLog: log(file, format), handler)
        try await bench.send(bytes)
        _ = try await bench.answer()
        try await bench.on { $0.loop.accessLog?.flush() }
        return file.text()
    }

    @Test func `every variable`() async throws {
        let line = try await lines(
            "$remote_addr $remote_port $remote_user $request_method $request_uri $uri $args $server_protocol $status "
                + "$body_bytes_sent $request_time $request_id $host $scheme $module $pool $http_x_two ${http_x_none}!",
            Records.head(
                "GET", "/a/b?c=d",
                more: [
                    ("REMOTE_ADDR", "10.0.0.1"), ("REMOTE_PORT", "4000"), ("REMOTE_USER", "ann"),
                    ("SERVER_PROTOCOL", "HTTP/1.1"), ("REQUEST_ID", "r1"), ("HTTP_HOST", "example.org"),
                    ("HTTPS", "on"), ("HTTP_X_TWO", "2"),
                ]) + Records.stdinEnd())
        #expect(
            line == "10.0.0.1 4000 ann GET /a/b?c=d /a/b c=d HTTP/1.1 200 5 0.000 r1 example.org https test web 2 -!\n")
    }

    /// The scheme of the request, the facts about TLS and the access log have one answer.
    @Test(arguments: [
        (["HTTPS": "on"], true), (["HTTPS": "1"], true), (["REQUEST_SCHEME": "https"], true),
        (["HTTPS": "on", "REQUEST_SCHEME": "https"], true), (["HTTPS": "", "REQUEST_SCHEME": "https"], true),
        (["HTTPS": "on", "REQUEST_SCHEME": "http"], true), ([:], false), (["HTTPS": "off"], false),
        (["HTTPS": "off", "REQUEST_SCHEME": "https"], false), (["REQUEST_SCHEME": "http"], false),
    ]) func `whether a request came over TLS is the same everywhere`(variables: [String: String], isSecure: Bool)
        async throws
    {
        let line = try await lines(
            "$scheme $body_bytes_sent",
            Records.head("GET", "/", more: variables.map { ($0.key, $0.value) }) + Records.stdinEnd(),
            handler: { request, gateway in
                #expect(request.head.scheme == (isSecure ? "https" : "http"))
                #expect((gateway.tls != nil) == isSecure)
                return Bench.text("")
            })
        #expect(line == (isSecure ? "https 0\n" : "http 0\n"))
    }

    @Test func `a client cannot forge a line or end a value`() async throws {
        let line = try await lines(
            #""$http_user_agent""#,
            Records.head("GET", "/", more: [("HTTP_USER_AGENT", "a\"b\\c\r\nd\u{1b}\u{e9}")]) + Records.stdinEnd())
        #expect(line == #""a\x22b\x5Cc\x0D\x0Ad\x1B\xC3\xA9""# + "\n")
    }

    @Test func `JSON is JSON whatever a client sends`() async throws {
        let pairs = Records.parameters([
            ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/"), ("HTTP_REFERER", "a\"\\\u{1}\n\u{e9}"),
        ])
        let line = try await lines("json", Records.begin() + pairs + Records.stdinEnd())
        #expect(line.hasSuffix("}\n"))
        #expect(line.filter { $0 == "\n" }.count == 1)
        struct Line: Decodable {
            var referer: String
            var status: Int
            var uri: String
        }
        let decoded = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
        #expect(decoded.referer == "a\"\\\u{1}\n\u{e9}")
        #expect(decoded.status == 200)
        #expect(decoded.uri == "/")
    }

    @Test(arguments: [
        ("common", #""GET / HTTP/1.1" 200 5"#), ("common-id", #""GET / HTTP/1.1" 200 5 "r-9""#),
        ("combined", #""GET / HTTP/1.1" 200 5 "-" "a\"b\\c\t\x1b\xc3\xa9""#),
        ("combined-id", #""GET / HTTP/1.1" 200 5 "-" "a\"b\\c\t\x1b\xc3\xa9" "r-9""#),
    ])
    func `the formats that have Apache's names are Apache's`(format: String, expected: String) async throws {
        let request = Records.head(
            "GET", "/",
            more: [
                ("REQUEST_ID", "r-9"), ("REMOTE_ADDR", "10.0.0.1"), ("REMOTE_USER", ""),
                ("SERVER_PROTOCOL", "HTTP/1.1"),
                ("HTTP_USER_AGENT", "a\"b\\c\t\u{1b}\u{e9}"),
            ])
        let line = try await lines(format, request + Records.stdinEnd())
        #expect(line.hasPrefix("10.0.0.1 - - ["))
        #expect(line.hasSuffix("] \(expected)\n"))
    }

    @Test func `a header that came empty is empty in Apache's formats`() async throws {
        let request = Records.head("GET", "/", more: [("HTTP_REFERER", "")]) + Records.stdinEnd()
        #expect(try await lines("combined", request).hasSuffix(#" 200 5 "" "-""# + "\n"))
        #expect(try await lines("$http_referer", request) == "-\n")
    }

    @Test func `a body of no bytes is Apache's hyphen, and a number in every other format`() async throws {
        for (format, expected) in [("common", " 204 -\n"), ("$status $body_bytes_sent", "204 0\n")] {
            let line = try await lines(format, Records.get("/")) { _, _ in Response(status: .noContent) }
            #expect(line.hasSuffix(expected))
        }
    }

    @Test func `an aborted request is logged with 499, once`() async throws {
        let line = try await lines("$status $request_uri", Records.get("/gone") + Records.abort()) { _, _ in
            try await Task.sleep(for: .seconds(1_000))
            return Bench.text("never")
        }
        #expect(line == "499 /gone\n")
    }

    @Test func `a connection that ends under its request is logged with 499`() async throws {
        let file = try File()
        let gate = Gate()
        let bench = try await Bench(accessLog: log(file, "$status $request_uri")) { _, _ in
            await gate.pass()
            return Bench.text("never")
        }
        try await bench.send(Records.get("/gone"))
        await gate.arrival()
        try await bench.on { bench in
            bench.engine.closed()
            bench.loop.accessLog?.flush()
        }
        #expect(file.text() == "499 /gone\n")
        gate.open()
    }

    @Test func `a failed request is logged with its status`() async throws {
        #expect(try await lines("$status", Records.get("/")) { _, _ in throw CancellationError() } == "500\n")
    }

    @Test func `another file is written from then on`() async throws {
        let one = try File()
        let two = try File()
        let log = try log(one, "$request_uri")
        let bench = try await Bench(accessLog: log) { _, _ in Bench.text("x") }
        try await bench.send(Records.get("/one"))
        _ = try await bench.answer()
        try await bench.on { $0.loop.accessLog?.flush() }
        log.reopen(with: two.descriptor)
        try await bench.send(Records.get("/two", 2))
        _ = try await bench.answers(until: 2)
        try await bench.on { $0.loop.accessLog?.flush() }
        #expect(one.text() == "/one\n")
        #expect(two.text() == "/two\n")
    }

    @Test func `a pipe that nobody reads holds up no request, and its lines come later, each whole`() async throws {
        let file = try File()
        let bench = try await Bench(accessLog: log(file, "$request_uri")) { _, _ in Bench.text("x") }
        // Twice the capacity of a pipe.
        let path = "/" + String(repeating: "x", count: 8_190)
        for _ in 0..<16 {
            try await bench.send(Records.get(path))
            _ = try await bench.answer()
        }
        #expect(try await bench.on { $0.loop.accessLog?.flush() } == true)
        var text = file.text()
        var isWaiting = true
        while isWaiting {
            isWaiting = try await bench.on { $0.loop.accessLog?.flush() } == true
            text += file.text()
        }
        #expect(text.split(separator: "\n") == Array(repeating: path[...], count: 16))
    }

    @Test(arguments: [
        ("$stauts", AccessLogFormatError.Reason.unknownVariable("stauts"), 1), ("a $ b", .noName, 3),
        ("ab${status", .unclosedBrace, 3), ("a\nb", .control, 2), ("$http_", .unknownVariable("http_"), 1),
    ])
    func `a format that makes no sense says where`(text: String, reason: AccessLogFormatError.Reason, position: Int) {
        do {
            _ = try AccessLogFormat(text)
            Issue.record("no error")
        } catch {
            #expect(error.reason == reason)
            #expect(error.position == position)
        }
    }
}
