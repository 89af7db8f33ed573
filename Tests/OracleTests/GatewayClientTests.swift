import GatehouseClient
import GatehousePlan
import GatehouseWire
import TestSupport
import Testing

/// The parts of the client, on which the tests with oracles rely.
@Suite struct GatewayClientTests {
    private let end: [UInt8] = [1, 3, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]

    @Test func `an SCGI request is the one of the specification`() {
        var bytes: [UInt8] = []
        let parameters = [ClientParameter("REQUEST_METHOD", "POST"), ClientParameter("REQUEST_URI", "/deepthought")]
        SCGIRequestEncoder.append(parameters, body: Array("What is the answer to life?".utf8), to: &bytes)
        let expected =
            "70:CONTENT_LENGTH\0" + "27\0SCGI\0"
            + "1\0REQUEST_METHOD\0POST\0REQUEST_URI\0/deepthought\0,What is the answer to life?"
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test func `a uwsgi request is a packet of little-endian lengths, and one that does not fit is none`() throws {
        var bytes: [UInt8] = []
        try UWSGIRequestEncoder.append([ClientParameter("AB", "c")], body: [9, 9], to: &bytes)
        #expect(bytes == [0, 7, 0, 0, 2, 0, 65, 66, 1, 0, 99, 9, 9])
        let largest = ClientParameter(name: [65], value: [UInt8](repeating: 66, count: 65_530))
        bytes = []
        try UWSGIRequestEncoder.append([largest], body: [], to: &bytes)
        #expect(bytes.count == 4 + 65_535 && bytes.prefix(9) == [0, 255, 255, 0, 1, 0, 65, 0xfa, 0xff])
        let more = ClientParameter(name: [65, 65], value: largest.value)
        let error = #expect(throws: GatewayClientError.self) {
            try UWSGIRequestEncoder.append([more], body: [], to: &bytes)
        }
        #expect(error?.code == .usage && bytes.count == 4 + 65_535)
    }

    @Test func `a status line of HTTP is read over uwsgi alone, and so is Status`() throws {
        for text in ["HTTP/1.1 404 Not Found\r\nX: y\r\n\r\n", "Status: 404 Not Found\r\nX: y\r\n\r\n"] {
            var parser = ResponseHeadParser(takesStatusLine: true)
            let head = try parser.receive(Array(text.utf8))?.head
            #expect(head == ClientResponseHead(status: 404, reason: "Not Found", headers: [ClientHeader("X", "y")]))
        }
        for (text, takesStatusLine) in [
            ("HTTP/1.1 200 OK\n\n", false), ("HTTP/1.1\n\n", true), ("HTTP/1.1 2 OK\n\n", true),
            ("X: y\nHTTP/1.1 200 OK\n\n", true), ("HTTP/1.1 200 OK\nStatus: 200\n\n", true),
        ] {
            var parser = ResponseHeadParser(takesStatusLine: takesStatusLine)
            #expect(throws: ResponseViolation.self) { try parser.receive(Array(text.utf8)) }
        }
    }

    @Test func `headers given twice become one variable, and extra parameters replace what the request gives`() {
        let request = ClientRequest(
            target: "/a?b=c",
            headers: [
                ClientHeader("x-a", "1"), ClientHeader("X-A", "2"), ClientHeader("Cookie", "a"),
                ClientHeader("Cookie", "b"), ClientHeader("Host", "example.org:8080"),
            ],
            extraParameters: [ClientParameter("REQUEST_URI", "/z")])
        let all = GatewayVariables(
            request.parameters.map {
                (String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self))
            })
        #expect(all["HTTP_X_A"] == "1, 2" && all["HTTP_COOKIE"] == "a; b")
        #expect(all["REQUEST_URI"] == "/z" && all["QUERY_STRING"] == "b=c" && all["SCRIPT_NAME"] == "/a")
        #expect(all["SERVER_NAME"] == "example.org" && all["SERVER_PORT"] == "8080" && all["CONTENT_LENGTH"] == "")
    }

    @Test(
        arguments: [
            ([2, 6, 0, 1, 0, 0, 0, 0], "version 2"),
            ([1, 6, 0, 2, 0, 0, 0, 0], "request 2"),
            ([1, 6, 0, 1, 0, 0, 0, 1], "not zero"),
            ([1, 6, 0, 1, 0, 0, 1, 0, 9], "not zero"),
            ([1, 5, 0, 1, 0, 0, 0, 0], "no application sends"),
            ([1, 3, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0], "7 bytes"),
            ([1, 11, 0, 1, 0, 8, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0], "instead of 0"),
            ([1, 6, 0, 1, 0, 0, 0, 0, 1, 6, 0, 1, 0, 1, 0, 0, 9], "after its end"),
            ([1, 10, 0, 0, 0, 3, 0, 0, 9, 9, 9], "past the end"),
        ] as [([UInt8], String)])
    func `what no application may send is a violation`(bytes: [UInt8], message: String) {
        var decoder = FastCGIResponseDecoder()
        let error = #expect(throws: ResponseViolation.self) { try decoder.receive(bytes) }
        #expect(error?.description.contains(message) == true)
    }

    @Test func `a second end of one request is a violation`() throws {
        var decoder = FastCGIResponseDecoder()
        #expect(try decoder.receive(end) == [.ended(id: 1, applicationStatus: 0, protocolStatus: 0)])
        #expect(decoder.isComplete)
        #expect(throws: ResponseViolation.self) { try decoder.receive(end) }
    }

    @Test func `a response's records decode the same byte by byte`() throws {
        let bytes = [1, 6, 0, 1, 0, 2, 6, 0, 65, 66, 0, 0, 0, 0, 0, 0, 1, 7, 0, 1, 0, 1, 0, 0, 67] + end
        var whole = FastCGIResponseDecoder()
        var dripped = FastCGIResponseDecoder()
        let expected = try whole.receive(bytes)
        #expect(expected.count == 3)
        var events: [FastCGIResponseEvent] = []
        for byte in bytes { events += try dripped.receive([byte]) }
        #expect(events == expected)
    }

    @Test func `a response's head is read wherever it is cut, with LF and with CR LF`() throws {
        for text in ["Status: 404 Not Found\r\nX: y\r\n\r\nbody", "Status: 404 Not Found\nX: y\n\nbody"] {
            let bytes = Array(text.utf8)
            for cut in 0...bytes.count {
                var parser = ResponseHeadParser()
                var body: [UInt8] = []
                var head: ClientResponseHead?
                for piece in [Array(bytes[..<cut]), Array(bytes[cut...])] {
                    if head != nil {
                        body += piece
                    } else if let (parsed, rest) = try parser.receive(piece) {
                        head = parsed
                        body = rest
                    }
                }
                #expect(head == ClientResponseHead(status: 404, reason: "Not Found", headers: [ClientHeader("X", "y")]))
                #expect(String(decoding: body, as: UTF8.self) == "body")
            }
        }
    }

    @Test func `a head without a status is 200, or 302 with a location`() throws {
        var plain = ResponseHeadParser()
        #expect(try plain.receive(Array("A: b\n\n".utf8))?.head.status == 200)
        var moved = ResponseHeadParser()
        #expect(try moved.receive(Array("Location: /\n\n".utf8))?.head.status == 302)
        for text in ["\n\n", "no colon\n\n", "Status: 20\n\n", "Status: 200\nStatus: 200\n\n"] {
            var parser = ResponseHeadParser()
            #expect(throws: ResponseViolation.self) { try parser.receive(Array(text.utf8)) }
        }
    }

    @Test func `an endpoint is written as operators write it`() {
        #expect(Endpoint(.fastCGI, .unix(path: "/run/a.sock")).description == "fastcgi:/run/a.sock")
        #expect(Endpoint(.scgi, .tcp(host: "127.0.0.1", port: 4000)).description == "scgi:127.0.0.1:4000")
        #expect(Endpoint(.fastCGI, .tcp(host: "::1", port: 9000)).description == "fastcgi:[::1]:9000")
    }

    @Test(arguments: ["http:/run/a.sock", "uwsgi:fd:0", "fastcgi:stdin", "scgi:systemd:web"])
    func `an endpoint that no front server can reach is refused`(_ text: String) throws {
        let endpoint = try Endpoint(parsing: text)
        let error = #expect(throws: GatewayClientError.self) { try GatewayClient(to: endpoint) }
        #expect(error?.code == .usage && error?.description == endpoint.clientProblem)
    }

    @Test func `a path that no socket can have is refused`() throws {
        let endpoint = Endpoint(.scgi, .unix(path: "/" + String(repeating: "a", count: 120)))
        let error = #expect(throws: GatewayClientError.self) { try GatewayClient(to: endpoint) }
        #expect(error?.code == .usage && error?.description.contains("107 bytes") == true)
    }

    @Test func `a socket that is not there and one that nobody listens on are told apart`() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/a.sock"
        let endpoint = Endpoint(.fastCGI, .unix(path: path))
        let missing = #expect(throws: GatewayClientError.self) { try GatewayClient(to: endpoint) }
        #expect(missing?.description.contains("no such socket") == true)
        _ = try UnixSocket.listening(at: path)
        let refused = #expect(throws: GatewayClientError.self) { try GatewayClient(to: endpoint) }
        #expect(refused?.description.contains("nobody is listening") == true)
    }
}
