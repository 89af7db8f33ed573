import CFastCGI
import GatehousePlan
import GatehouseWire
import Testing

/// The words of the log about a front server that has been set up for another protocol than its endpoint's.
struct ForeignProtocolTests {
    private func said(_ bytes: [UInt8], at connection: some GatewayConnection) -> String? {
        var connection = connection
        var offset = 0
        do {
            while try connection.nextEvent(in: bytes.span, at: &offset, now: 7) != nil {}
            return nil
        } catch {
            return error.detail
        }
    }

    private static let parameters = [("REQUEST_METHOD", "GET"), ("CONTENT_LENGTH", "0"), ("SCGI", "1")]
    private static let beginnings: [(String, [UInt8])] = [
        ("front server speak FastCGI", Record.begin()),
        ("front server speak SCGI", Array("70:CONTENT_LENGTH".utf8)),
        ("front server speak uwsgi", Packet.request(parameters)),
        ("front server speak TLS", [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3]),
        ("client speak HTTP", Array("GET / HTTP/1.1\r\n".utf8)),
    ]

    @Test(arguments: beginnings)
    func `the detail asks whether it is that protocol, and names the endpoint's own`(_ words: String, _ bytes: [UInt8])
    {
        let limits = Limits()
        for (own, speaks, detail) in [
            ("fastcgi", "FastCGI", said(bytes, at: FastCGIConnection(limits: limits))),
            ("scgi", "SCGI", said(bytes, at: SCGIConnection(limits: limits))),
            ("uwsgi", "uwsgi", said(bytes, at: UWSGIConnection(limits: limits))),
        ] where !words.hasSuffix(speaks) {
            #expect(detail?.hasSuffix(": does the \(words)? this endpoint is \(own):") == true, "\(detail ?? "none")")
        }
    }

    @Test func `who has spoken the endpoint's protocol is not asked`() {
        let bytes = Record.bytes(FCGI_GET_VALUES, id: 0) + Array("GET / HTTP".utf8)
        #expect(said(bytes, at: FastCGIConnection(limits: Limits())) == "version 71")
        #expect(said(Array("70x".utf8), at: SCGIConnection(limits: Limits())) == "byte 120 in the length")
    }
}
