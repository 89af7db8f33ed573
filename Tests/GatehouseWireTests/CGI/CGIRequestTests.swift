import GatehouseWire
import Testing

/// The request line's other parts: rows B3 and C2.
struct CGIRequestTests {
    private func request(_ variables: KeyValuePairs<String, String>) throws -> CGIRequest {
        let named = variables.map { (name: $0.key, value: $0.value) }
        return try CGIRequest(GatewayVariables([("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/")] + named))
    }

    @Test(
        arguments: [
            ("on", nil, "https"), ("ON", nil, "https"), ("1", nil, "https"), ("off", "https", "http"),
            ("", "https", "https"),
            (nil, "HTTPS", "https"), (nil, "http", "http"), (nil, nil, "http"), ("0", nil, "http"),
            (nil, "ftp", "http"),
            ("on", "http", "https"), ("\u{11}", nil, "http"), ("on ", nil, "http"), (nil, "https ", "http"),
        ] as [(String?, String?, String)])
    func `a request came over TLS if HTTPS or else REQUEST_SCHEME says so`(
        https: String?, scheme: String?, expected: String
    ) throws {
        var pairs = [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/")]
        if let https { pairs.append(("HTTPS", https)) }
        if let scheme { pairs.append(("REQUEST_SCHEME", scheme)) }
        let variables = GatewayVariables(pairs.map { (name: $0.0, value: $0.1) })
        #expect(variables.isSecure == (expected == "https"))
        #expect(try CGIRequest(variables).scheme == expected)
    }

    @Test func `the authority is the host that was asked for, or the server's name and port`() throws {
        #expect(try request([:]).authority == nil)
        #expect(try request(["HTTP_HOST": "a.example:81", "SERVER_NAME": "b"]).authority == "a.example:81")
        #expect(try request(["HTTP_HOST": "", "SERVER_NAME": "b"]).authority == "b")
        #expect(try request(["SERVER_NAME": "b", "SERVER_PORT": "8080"]).authority == "b:8080")
        #expect(try request(["SERVER_NAME": "b", "SERVER_PORT": "80"]).authority == "b")
        #expect(try request(["SERVER_NAME": "b", "SERVER_PORT": "443", "HTTPS": "on"]).authority == "b")
        #expect(try request(["SERVER_NAME": "b", "SERVER_PORT": "443"]).authority == "b:443")
        #expect(try request(["SERVER_NAME": "::1", "SERVER_PORT": "8080"]).authority == "[::1]:8080")
        #expect(try request(["SERVER_NAME": "[::1]", "SERVER_PORT": "99999"]).authority == "[::1]")
    }

    @Test(arguments: ["a b", "a\r\nX: y", "a\u{0}", "a/b", "a?b", "a#b", "user@a", "a\\b", "\u{e9}.example", "a\u{7f}"])
    func `an authority that could end inside a URI is a bad request`(_ host: String) {
        #expect(throws: BadRequest.self) { try request(["HTTP_HOST": host]) }
        #expect(throws: BadRequest.self) { try request(["SERVER_NAME": host]) }
    }

    @Test(arguments: ["GET", "M-SEARCH", "get", "X!#$%&'*+-.^_`|~9"])
    func `any token is a method`(_ method: String) throws {
        #expect(try request(["REQUEST_METHOD": method]).method == "GET" || method != "GET")
        #expect(try CGIRequest(GatewayVariables([("REQUEST_METHOD", method), ("REQUEST_URI", "/")])).method == method)
    }

    @Test(arguments: ["", "GE T", "GET\n", "G\u{0}", "GET/", "M\u{e9}", "(GET)"])
    func `what is no token is a bad request`(_ method: String) {
        #expect(throws: BadRequest.self) {
            try CGIRequest(GatewayVariables([("REQUEST_METHOD", method), ("REQUEST_URI", "/")]))
        }
        #expect(throws: BadRequest.self) { try CGIRequest(GatewayVariables([("REQUEST_URI", "/")])) }
    }

    @Test(arguments: [
        "+5", "-2", "-01", "-10", "--1", "-", "- 1", "5,5", " 5", "5 ", "0x5", "5\u{0}", "\u{663}",
        "9223372036854775808", "99999999999999999999999",
    ])
    func `a CONTENT_LENGTH that is not digits is a bad request (B3)`(_ length: String) {
        #expect(throws: BadRequest.self) { try request(["CONTENT_LENGTH": length]) }
    }

    @Test func `a CONTENT_LENGTH of digits is a number, and an empty one is none (B3)`() throws {
        #expect(try request(["CONTENT_LENGTH": ""]).contentLength == nil)
        #expect(try request([:]).contentLength == nil)
        #expect(try request(["CONTENT_LENGTH": "0"]).contentLength == 0)
        #expect(try request(["CONTENT_LENGTH": "007"]).contentLength == 7)
        #expect(try request(["CONTENT_LENGTH": "9223372036854775807"]).contentLength == Int.max)
        #expect(try request(["CONTENT_LENGTH": "7", "HTTP_CONTENT_LENGTH": "8"]).contentLength == 7)
    }

    @Test func `a CONTENT_LENGTH of -1 is not known, as Caddy means it (B3)`() throws {
        #expect(try request(["CONTENT_LENGTH": "-1"]).contentLength == nil)
    }

    @Test(arguments: [
        (["5", "5"], 5), (["", "5"], 5), (["5", "", "5"], 5),
        // The last is meant, as of every name, and an empty one is none.
        (["5", ""], nil), (["5", "5", ""], nil), (["-1", ""], nil),
    ])
    func `of several CONTENT_LENGTH that agree the last counts (B3, C2)`(lengths: [String], expected: Int?) throws {
        #expect(try request(lengths: lengths).contentLength == expected)
    }

    @Test(arguments: [["5", "6"], ["x", "5"], ["5", "", "6"], ["5", "6", ""], ["5", "-1"], ["-1", "5"]])
    func `several CONTENT_LENGTH that differ are a bad request (B3, C2)`(lengths: [String]) {
        #expect(throws: BadRequest.self) { try request(lengths: lengths) }
    }

    /// The request whose FCGI_PARAMS have these lengths.
    private func request(lengths: [String]) throws -> CGIRequest {
        let pairs = [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/")] + lengths.map { ("CONTENT_LENGTH", $0) }
        let bytes = Record.begin() + Record.stream(4, Pairs.bytes(pairs))
        let trace = Trace.of(FastCGIConnection(limits: Limits()), [bytes[...]])
        return try CGIRequest(#require(trace.heads.first?.parameters))
    }

    @Test func `the content's type is as it came, or none`() throws {
        #expect(try request(["CONTENT_TYPE": "text/plain; charset=utf-8"]).contentType == "text/plain; charset=utf-8")
        #expect(try request(["CONTENT_TYPE": ""]).contentType == nil)
    }
}
