import GatehousePlan
import GatehouseWire

/// SCGI as the specification and the front servers write it (row A11).
extension Transcripts {
    static let scgi = list {
        Transcript(
            "SCGI: the specification's example", .scgi,
            [
                Array(
                    "70:CONTENT_LENGTH\u{0}27\u{0}SCGI\u{0}1\u{0}".utf8),
                Array("REQUEST_METHOD\u{0}POST\u{0}REQUEST_URI\u{0}/deepthought\u{0},".utf8),
                Array("What is the answer to life?".utf8),
            ],
            ["request 1 responder POST /deepthought", "body 1 What is the answer to life?", "end 1"])
        Transcript(
            "SCGI: nginx, SCGI in the middle, no body", .scgi,
            [
                Netstring.request(
                    [
                        ("CONTENT_LENGTH", "0"), ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/n"), ("CONTENT_TYPE", ""),
                        ("SCGI", "1"),
                        ("SERVER_NAME", "_"), ("HTTP_HOST", "localhost"),
                    ])
            ],
            ["request 1 responder GET /n", "end 1"])
        Transcript(
            "SCGI: nginx unbuffered before 1.29.6, CONTENT_LENGTH of what had come", .scgi,
            [
                Netstring.request(
                    head(5, [("HTTP_CONTENT_LENGTH", "11")]), body: "hello world")
            ],
            ["request 1 responder POST /s", "body 1 hello world", "end 1"])
        Transcript(
            "SCGI: nginx unbuffered before 1.29.6, nothing had come", .scgi,
            [Netstring.request(head(0, [("HTTP_CONTENT_LENGTH", "3")]), body: "abc")],
            ["request 1 responder POST /s", "body 1 abc", "end 1"])
        Transcript(
            "SCGI: nginx chunked, which it buffers", .scgi,
            [Netstring.request(head(3, [("HTTP_TRANSFER_ENCODING", "chunked")]), body: "abc")],
            ["request 1 responder POST /s", "body 1 abc", "end 1"])
        Transcript(
            "SCGI: nginx with scgi_param CONTENT_LENGTH $content_length, empty", .scgi,
            [Netstring.request(head(0, [("CONTENT_LENGTH", "")]))], ["request 1 responder POST /s", "end 1"])
        Transcript(
            "SCGI: nginx with scgi_pass_request_body off and scgi_param CONTENT_LENGTH empty", .scgi,
            [Netstring.request(head(7, [("HTTP_CONTENT_LENGTH", "7"), ("CONTENT_LENGTH", "")]))],
            ["request 1 responder POST /s", "end 1"])
        Transcript(
            "SCGI: a name twice with one value", .scgi,
            [
                Netstring.request(
                    head(1, [("CONTENT_LENGTH", "1"), ("SERVER_NAME", "x"), ("SERVER_NAME", "x")]), body: "b")
            ],
            ["request 1 responder POST /s", "body 1 b", "end 1"])
        Transcript(
            "SCGI: mod_proxy_scgi and lighttpd, SCGI second", .scgi,
            [
                Netstring.request(
                    [
                        ("CONTENT_LENGTH", "2"), ("SCGI", "1"), ("REQUEST_METHOD", "PUT"), ("REQUEST_URI", "/l"),
                        ("PATH_INFO", "/l"),
                        ("SCRIPT_NAME", ""),
                    ], body: "ok")
            ],
            ["request 1 responder PUT /l", "body 1 ok", "end 1"])
        Transcript(
            "SCGI: a body that is not all there", .scgi, [Netstring.request(head(10), body: "half")],
            ["request 1 responder POST /s", "body 1 half"])
        Transcript(
            "SCGI: a head that is not all there", .scgi, [Array(Netstring.request(head(10)).dropLast(9))], [])
        Transcript(
            "SCGI: HTTP_PROXY (C1)", .scgi, [Netstring.request(head(0, [("HTTP_PROXY", "evil")]))],
            ["request 1 responder POST /s", "end 1"])
    }

    static let scgiFaults = list {
        fault("empty head", "bad-head", [Array("0:,".utf8)])
        fault("length with a leading zero", "bad-netstring", [Array("070:CONTENT".utf8)])
        fault("length with a sign", "bad-netstring", [Array("+70:".utf8)])
        fault("length with a space", "bad-netstring", [Array("70 :".utf8)])
        fault("no length", "bad-netstring", [Array(":".utf8)])
        fault("HTTP", "bad-netstring", [Array("GET / HTTP/1.1\r\n".utf8)])
        fault("no comma", "bad-netstring", [Netstring.wrap(Netstring.head(head(0)), comma: ";")])
        fault("an odd number of NULs", "bad-head", [Netstring.wrap(Netstring.head(head(0)) + Array("X\u{0}".utf8))])
        fault("no NUL at the end", "bad-head", [Netstring.wrap(Array(Netstring.head(head(0)).dropLast()))])
        fault("an empty name", "bad-head", [Netstring.request(head(0, [("", "x")]))])
        fault("CONTENT_LENGTH not first", "bad-head", [Netstring.request([("SCGI", "1"), ("CONTENT_LENGTH", "0")])])
        fault("no CONTENT_LENGTH", "bad-head", [Netstring.request([("SCGI", "1")])])
        fault("CONTENT_LENGTH empty", "bad-head", [Netstring.request([("CONTENT_LENGTH", ""), ("SCGI", "1")])])
        fault("CONTENT_LENGTH with a sign", "bad-head", [Netstring.request([("CONTENT_LENGTH", "+5"), ("SCGI", "1")])])
        fault("CONTENT_LENGTH negative", "bad-head", [Netstring.request([("CONTENT_LENGTH", "-1"), ("SCGI", "1")])])
        fault(
            "CONTENT_LENGTH beyond counting", "bad-head",
            [Netstring.request([("CONTENT_LENGTH", "9223372036854775808"), ("SCGI", "1")])])
        fault("two CONTENT_LENGTH that differ", "bad-head", [Netstring.request(head(1, [("CONTENT_LENGTH", "2")]))])
        fault(
            "CONTENT_LENGTH again after an empty one", "bad-head",
            [Netstring.request(head(1, [("CONTENT_LENGTH", ""), ("CONTENT_LENGTH", "1")]))])
        fault("no SCGI", "bad-head", [Netstring.request([("CONTENT_LENGTH", "0"), ("REQUEST_URI", "/")])])
        fault("SCGI of 2", "bad-head", [Netstring.request([("CONTENT_LENGTH", "0"), ("SCGI", "2")])])
        fault("a name twice, with two values", "bad-head", [Netstring.request(head(0, [("A", "1"), ("A", "2")]))])
        Transcript(
            "SCGI: a length over the limit, refused before its colon", .scgi,
            limits: with { $0.parameterBytes = 1_000 }, [Array("10010000000000000:".utf8)], ["refused 1 431 0"])
        Transcript(
            "SCGI: a name over its limit", .scgi, limits: with { $0.parameterNameLength = 20 },
            [Netstring.request(head(0, [(String(repeating: "N", count: 21), "")]))], ["refused 1 431 0"])
    }

    private static func fault(_ name: String, _ code: String, _ bytes: [[UInt8]]) -> Transcript {
        Transcript("SCGI fault: \(name)", .scgi, bytes, ["violation \(code)"])
    }

    static func head(_ length: Int, _ more: [(String, String)] = []) -> [(String, String)] {
        [("CONTENT_LENGTH", "\(length)"), ("SCGI", "1"), ("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/s")] + more
    }
}
