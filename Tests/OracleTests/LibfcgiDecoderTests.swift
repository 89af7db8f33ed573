import GatehouseClient
import GatehouseWire
import Testing

/// Our side and libfcgi's, on the same bytes.
@Suite struct LibfcgiDecoderTests {
    @Test func `libfcgi and the wire understand generated requests alike, byte for byte`() throws {
        let echo = try LibfcgiEcho()
        for seed in 1...100 as ClosedRange<UInt64> {
            let request = GeneratedRequest(seed: seed)
            let bytes = request.encoded
            let response = try echo.response(to: bytes)
            #expect(response.status == 200 && response.protocolStatus == 0, "seed \(seed)")
            let theirs = try LibfcgiEcho.understanding(response.body)
            // Compared outside the macro, which would print hundreds of kilobytes.
            let theyAgree = theirs == request.expectedOfLibfcgi
            #expect(theyAgree, "libfcgi, seed \(seed): \(Self.difference(theirs, request.expectedOfLibfcgi))")
            var wire = WireReader()
            try wire.receive(bytes)
            let weAgree = wire.isBodyEnded && wire.understanding == request.expected
            #expect(weAgree, "the wire, seed \(seed): \(Self.difference(wire.understanding, request.expected))")
        }
    }

    /// The first difference, in a line.
    private static func difference(_ got: LibfcgiEcho.Understanding, _ wanted: LibfcgiEcho.Understanding) -> String {
        let pairs = zip(got.parameters, wanted.parameters)
        let first =
            pairs.enumerated().first { $1.0 != $1.1 }.map { "parameter \($0.offset) differs" } ?? "no pair differs"
        return "\(got.parameters.count) of \(wanted.parameters.count) parameters, \(first), "
            + "\(got.body.count) of \(wanted.body.count) bytes of body"
    }

    @Test func `libfcgi's error stream and exit status come through our response decoder`() throws {
        let echo = try LibfcgiEcho()
        var bytes: [UInt8] = []
        let request = ClientRequest(
            target: "/",
            extraParameters: [ClientParameter("ORACLE_STDERR", "a line"), ClientParameter("ORACLE_EXIT", "258")])
        FastCGIRequestEncoder().append(request, keepsConnection: false, to: &bytes)
        let response = try echo.response(to: bytes)
        #expect(String(decoding: response.diagnostics, as: UTF8.self) == "a line")
        #expect(response.applicationStatus == 258)
        #expect(response.head["Content-Type"] == "application/octet-stream")
    }

    @Test func `the client talks to a libfcgi program`() throws {
        let echo = try LibfcgiEcho()
        let connection = try GatewayClient(to: echo.endpoint)
        let body = [UInt8](repeating: 7, count: 100_000)
        let request = ClientRequest(
            method: "POST", target: "/a%20b?c=d", headers: [ClientHeader("X-One", "1")], body: body)
        let first = try connection.response(to: request, keepsConnection: true)
        let understood = try LibfcgiEcho.understanding(first.body)
        let isSame = understood.body == body
        #expect(isSame)
        for expected in ["REQUEST_METHOD=POST", "SCRIPT_NAME=/a b", "QUERY_STRING=c=d", "HTTP_X_ONE=1"] {
            #expect(understood.parameters.contains(Array(expected.utf8)), "\(expected)")
        }
        let second = try connection.response(to: ClientRequest(target: "/again"))
        #expect(try LibfcgiEcho.understanding(second.body).parameters.contains(Array("REQUEST_URI=/again".utf8)))
    }
}
