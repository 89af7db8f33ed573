import GatehouseWire
import Testing

/// Rows C1 and C2: which variables are headers.
struct HeaderTests {
    private func headers(_ parameters: GatewayVariables) -> [String] {
        var headers: [String] = []
        parameters.forEachHeader { name, value in
            headers.append("\(text(name))=\(text(value))")
        }
        return headers
    }

    private func text(_ span: Span<UInt8>) -> String {
        span.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        "HTTP_A", "HTTP_ACCEPT", "HTTP_X_9", "HTTP_ACCEPT_ENCODING", "HTTP__", "HTTP_ABCDEFGH", "HTTP_ABCDEFGHI",
        "HTTP_" + "SIXTEEN_LETTERS_", "HTTP_SEVENTEEN_LETTER",
    ])
    func `HTTP_ and capitals, digits and underscores make a header`(_ name: String) {
        #expect(headers(GatewayVariables([(name, "v")])) == ["\(name.dropFirst(5))=v"])
    }

    @Test(arguments: [
        "HTTP_", "HTTP", "HTTPS", "", "http_a", "Http_A", "HTTPX_A", "HTTP-A", "X_HTTP_A", "CONTENT_TYPE",
        "REMOTE_USER",
        "HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE", "HTTP_PROXY",
    ])
    func `other names make none`(_ name: String) {
        #expect(headers(GatewayVariables([(name, "v")])).isEmpty)
    }

    @Test func `a byte outside the allowed ones anywhere in a name makes it none (C2)`() {
        for length in 1...20 {
            for position in 0..<length {
                for byte in ["-", ".", "a", " ", "/", ":", "@", "[", "^", "`", "\u{7f}", "\u{0}", "\u{e9}", "\r"] {
                    var name = [String](repeating: "A", count: length)
                    name[position] = byte
                    #expect(headers(GatewayVariables([("HTTP_" + name.joined(), "v")])).isEmpty, "\(name)")
                }
            }
        }
    }

    @Test func `a value with NUL, CR or LF anywhere is none`() {
        for length in 1...20 {
            for position in 0..<length {
                for (byte, isGood) in [
                    ("\u{0}", false), ("\r", false), ("\n", false), ("\t", true), ("\u{e9}", true), ("\u{1}", true),
                ] {
                    var value = [String](repeating: "v", count: length)
                    value[position] = byte
                    // A carriage return and a newline side by side would be one Character.
                    #expect(headers(GatewayVariables([("HTTP_A", value.joined())])).isEmpty != isGood, "\(value)")
                }
            }
        }
    }

    @Test(arguments: ["HTTP_PROXY", "http_proxy", "Http_Proxy"])
    func `HTTP_PROXY is nowhere in what a handler sees, over both protocols (C1)`(_ name: String) throws {
        let pairs = [("CONTENT_LENGTH", "0"), ("SCGI", "1"), (name, "http://evil"), ("HTTP_PROXY_AUTH", "x")]
        let fastCGI = (Record.begin() + Record.parameters(pairs))[...]
        let seen = try [
            #require(Trace.of(FastCGIConnection(limits: Limits()), [fastCGI]).heads.first).parameters,
            #require(Trace.of(SCGIConnection(limits: Limits()), [Netstring.request(pairs)[...]]).heads.first)
                .parameters,
            GatewayVariables(pairs.map { (name: $0.0, value: $0.1) }),
        ]
        for parameters in seen {
            #expect(parameters[name] == nil)
            #expect(parameters.pairs.allSatisfy { $0.name != name })
            #expect(headers(parameters) == ["PROXY_AUTH=x"])
        }
    }

    @Test func `of a name that comes twice the last value is seen, in the first's place; of headers all (C2)`() throws {
        let pairs = [("HTTP_X", "1"), ("Y", "2"), ("HTTP_X", "3"), ("Mixed_Case", "4"), ("Y", "6"), ("HTTP_X", "5")]
        let bytes = Record.begin() + Record.parameters(pairs)
        let parameters = try #require(
            Trace.of(FastCGIConnection(limits: Limits()), [bytes[...]]).heads.first?.parameters)
        #expect(headers(parameters) == ["X=1", "X=3", "X=5"])
        #expect(parameters.count == 5)
        #expect(parameters["Y"] == "6")
        #expect(parameters["Mixed_Case"] == "4")
        #expect(parameters["HTTP_X"] == "5")
    }

    @Test func `a thousand names are told apart`() throws {
        let pairs = (0..<1_000).map { ("NAME_\($0 % 500)", "\($0)") }
        let bytes = Record.begin() + Record.parameters(pairs)
        let parameters = try #require(
            Trace.of(FastCGIConnection(limits: Limits()), [bytes[...]]).heads.first?.parameters)
        #expect(parameters.pairs.map(\.value) == (500..<1_000).map(String.init))
    }
}
