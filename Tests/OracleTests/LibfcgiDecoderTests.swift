import GatehouseFront
import GatehouseWire
import Testing

/// Our side and libfcgi's, on the same bytes.
@Suite struct LibfcgiDecoderTests {
    @Test func `libfcgi and the wire understand generated requests alike, byte for byte`() throws {
        let echo = try LibfcgiEcho()
        for seed in 1...200 as ClosedRange<UInt64> {
            let request = GeneratedRequest(seed: seed)
            let bytes = request.encoded
            let response = try echo.response(to: bytes)
            #expect(response.status == 200 && response.protocolStatus == 0, "seed \(seed)")
            let theirs = try LibfcgiEcho.understanding(response.body)
            #expect(theirs == request.expected, "libfcgi, seed \(seed)")
            var wire = WireReader()
            try wire.receive(bytes)
            #expect(wire.isBodyEnded && wire.understanding == request.expected, "the wire, seed \(seed)")
        }
    }

    @Test func `libfcgi's error stream and exit status come through our response decoder`() throws {
        let echo = try LibfcgiEcho()
        var bytes: [UInt8] = []
        let request = FrontRequest(
            target: "/", extraParameters: [FrontParameter("ORACLE_STDERR", "a line"), FrontParameter("ORACLE_EXIT", "258")])
        FastCGIRequestEncoder().append(request, keepsConnection: false, to: &bytes)
        let response = try echo.response(to: bytes)
        #expect(String(decoding: response.diagnostics, as: UTF8.self) == "a line")
        #expect(response.applicationStatus == 258)
        #expect(response.head["Content-Type"] == "application/octet-stream")
    }

    @Test func `a front connection talks to a libfcgi program`() throws {
        let echo = try LibfcgiEcho()
        let connection = try FrontConnection(to: echo.endpoint)
        let body = [UInt8](repeating: 7, count: 100_000)
        let request = FrontRequest(method: "POST", target: "/a%20b?c=d", headers: [FrontHeader("X-One", "1")], body: body)
        let first = try connection.response(to: request, keepsConnection: true)
        let understood = try LibfcgiEcho.understanding(first.body)
        #expect(understood.body == body)
        for expected in ["REQUEST_METHOD=POST", "SCRIPT_NAME=/a b", "QUERY_STRING=c=d", "HTTP_X_ONE=1"] {
            #expect(understood.parameters.contains(Array(expected.utf8)), "\(expected)")
        }
        let second = try connection.response(to: FrontRequest(target: "/again"))
        #expect(try LibfcgiEcho.understanding(second.body).parameters.contains(Array("REQUEST_URI=/again".utf8)))
    }
}
