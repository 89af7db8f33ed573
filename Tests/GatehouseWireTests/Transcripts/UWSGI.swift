import GatehousePlan
import GatehouseWire

/// uwsgi as front servers write it, and what is refused (row C5).
extension Transcripts {
    static let uwsgi = list {
        Transcript(
            "uwsgi: nginx, no body", .uwsgi,
            [
                Packet.request([
                    ("QUERY_STRING", "a=b"), ("REQUEST_METHOD", "GET"), ("CONTENT_TYPE", ""), ("CONTENT_LENGTH", ""),
                    ("REQUEST_URI", "/n?a=b"), ("PATH_INFO", "/n"), ("HTTP_HOST", "localhost"),
                ])
            ],
            ["request 1 responder GET /n?a=b", "end 1"])
        Transcript(
            "uwsgi: nginx with a body", .uwsgi,
            [Packet.request(post("/p", 11, [("HTTP_CONTENT_LENGTH", "11")]), body: "hello world")],
            ["request 1 responder POST /p", "body 1 hello world", "end 1"])
        Transcript(
            "uwsgi: nginx chunked, which it buffers", .uwsgi,
            [Packet.request(post("/p", 3, [("HTTP_TRANSFER_ENCODING", "chunked")]), body: "abc")],
            ["request 1 responder POST /p", "body 1 abc", "end 1"])
        Transcript(
            "uwsgi: nginx with uwsgi_pass_request_body off and uwsgi_param CONTENT_LENGTH empty", .uwsgi,
            [
                Packet.request(
                    post("/p", 7, [("HTTP_CONTENT_LENGTH", "7"), ("HTTP_TRANSFER_ENCODING", "chunked")])
                        + [("CONTENT_LENGTH", "")])
            ],
            ["request 1 responder POST /p", "end 1"])
        Transcript(
            "uwsgi: mod_proxy_uwsgi and uWSGI's router, no length of no body", .uwsgi,
            [Packet.request(get("/m", [("UWSGI_ROUTER", "http"), ("SCRIPT_NAME", "")]))],
            ["request 1 responder GET /m", "end 1"])
        Transcript(
            "uwsgi: a length that comes again", .uwsgi,
            [Packet.request(post("/p", 2) + [("CONTENT_LENGTH", ""), ("CONTENT_LENGTH", "02")], body: "ok")],
            ["request 1 responder POST /p", "body 1 ok", "end 1"])
        Transcript(
            "uwsgi: modifier2 is passed over", .uwsgi, [Packet.request(get("/"), modifier2: 200)],
            ["request 1 responder GET /", "end 1"])
        Transcript(
            "uwsgi: no variables at all", .uwsgi, [Packet.request([])], ["request 1 responder - -", "end 1"])
        Transcript(
            "uwsgi: the largest packet", .uwsgi,
            [Packet.request(get("/", [("HTTP_X", String(repeating: "x", count: 65_535 - 47))]))],
            ["request 1 responder GET /", "end 1"])
        Transcript(
            "uwsgi: a body that is not all there", .uwsgi, [Packet.request(post("/p", 10), body: "half")],
            ["request 1 responder POST /p", "body 1 half"])
        Transcript("uwsgi: a packet that is not all there", .uwsgi, [Packet.request(get("/")).dropLast(1) + []], [])
        Transcript(
            "uwsgi: NUL in a name and in a value, and HTTP_PROXY (C1)", .uwsgi,
            [Packet.request(get("/", [("A\u{0}B", "c\u{0}d"), ("HTTP_PROXY", "evil")]))],
            ["request 1 responder GET /", "end 1"])
    }

    static let uwsgiFaults = list {
        refused("a name past the end", 400, [Packet.wrap(Packet.variables(get("/")) + [9, 0, 65])])
        refused("a length of one byte", 400, [Packet.wrap(Packet.variables(get("/")) + [9])])
        refused("a name without a value", 400, [Packet.wrap(Packet.variables(get("/")) + [1, 0, 65])])
        refused("half of a value's length", 400, [Packet.wrap(Packet.variables(get("/")) + [1, 0, 65, 0])])
        refused("a value past the end", 400, [Packet.wrap(Packet.variables(get("/")) + [1, 0, 65, 255, 255, 66])])
        refused("an empty name", 400, [Packet.request(get("/", [("", "x")]))])
        refused("CONTENT_LENGTH negative", 400, [Packet.request(post("/", -1))])
        refused("CONTENT_LENGTH with a sign", 400, [Packet.request([("CONTENT_LENGTH", "+5")])])
        refused("CONTENT_LENGTH beyond counting", 400, [Packet.request([("CONTENT_LENGTH", "9223372036854775808")])])
        refused("two CONTENT_LENGTH that differ", 400, [Packet.request(post("/", 1) + [("CONTENT_LENGTH", "2")])])
        refused(
            "two CONTENT_LENGTH that differ, and an empty one between", 400,
            [Packet.request(post("/", 1) + [("CONTENT_LENGTH", ""), ("CONTENT_LENGTH", "2")], body: "ab")])
        refused("chunks without a length", 411, [Packet.request(get("/", [("HTTP_TRANSFER_ENCODING", "chunked")]))])
        refused("a body without a length", 411, [Packet.request(get("/", [("HTTP_CONTENT_LENGTH", "5")]))])
        refused("Ruby", 501, [Packet.request(get("/"), modifier1: 7)])
        refused("Python with SCRIPT_NAME taken off", 501, [Packet.request(get("/"), modifier1: 30)])
        violation("a ping", "bad-modifier", [[100, 0, 0, 0]])
        violation("a spooler's packet", "bad-modifier", [Packet.request([("a", "b")], modifier1: 17)])
        violation("code to be run", "bad-modifier", [Packet.wrap(Array("print(1)".utf8), modifier1: 22)])
        violation("HTTP", "bad-modifier", [Array("GET / HTTP/1.1\r\n".utf8)])
        violation("FastCGI", "bad-modifier", [Record.begin()])
        violation("SCGI", "bad-modifier", [Netstring.request(head(0))])
        violation("TLS", "bad-modifier", [[0x16, 3, 1, 2, 0]])
        Transcript(
            "uwsgi: a size over the limit, refused at once", .uwsgi, limits: with { $0.parameterBytes = 1_000 },
            [[0, 0xe9, 3]], ["refused 1 431 0"])
        Transcript(
            "uwsgi: a second packet on the connection", .uwsgi, [Packet.request(get("/")) + Packet.request(get("/"))],
            ["request 1 responder GET /", "end 1"])
    }

    private static func refused(_ name: String, _ status: Int, _ bytes: [[UInt8]]) -> Transcript {
        Transcript("uwsgi: \(name)", .uwsgi, bytes, ["refused 1 \(status) 0"])
    }

    private static func violation(_ name: String, _ code: String, _ bytes: [[UInt8]]) -> Transcript {
        Transcript("uwsgi fault: \(name)", .uwsgi, bytes, ["violation \(code)"])
    }
}
