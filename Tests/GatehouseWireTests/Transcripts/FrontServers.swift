import CFastCGI

/// The form of each front server's requests, taken from its source.
extension Transcripts {
    static let frontServers = list {
        Transcript(
            "nginx: GET, unkept, one PARAMS record padded to eight",
            [Record.begin(), Record.parameters(nginx("/hello", "GET", "")), Record.input("")],
            ["request 1 responder GET /hello", "end 1"])
        Transcript(
            "nginx: keep-alive, three requests on one connection",
            [
                (1...3).flatMap {
                    Record.begin(keep: true) + Record.parameters(nginx("/\($0)", "GET", "")) + Record.input("")
                }
            ],
            (1...3).flatMap { ["request 1 responder keep GET /\($0)", "end 1"] })
        Transcript(
            "nginx: POST in records of 32 KiB",
            [
                Record.begin(), Record.parameters(nginx("/post", "POST", "40000")),
                Record.input(String(repeating: "x", count: 40_000), size: 32_768),
            ],
            ["request 1 responder POST /post", "body 1 40000 bytes", "end 1"])
        Transcript(
            "nginx: chunked and unbuffered, CONTENT_LENGTH empty, records as they come",
            [Record.begin(), Record.parameters(nginx("/chunked", "POST", "")), Record.input("abcdefghijk", size: 4)],
            ["request 1 responder POST /chunked", "body 1 abcdefghijk", "end 1"])
        Transcript(
            "nginx before 2026-08: a name of 130 bytes with a length of one byte",
            [
                Record.begin(keep: true),
                Record.stream(
                    FCGI_PARAMS, [130, 1] + Array(("HTTP_" + String(repeating: "X", count: 125)).utf8) + [65]),
                Record.input(""), Record.begin(keep: true), Record.parameters(get("/next")), Record.input(""),
            ],
            ["refused 1 431 0", "request 1 responder keep GET /next", "end 1"])
        Transcript(
            "HAProxy: GET_VALUES first, then interleaved requests with ids of their own",
            [
                Record.getValues(["FCGI_MAX_REQS", "FCGI_MPXS_CONNS"]), Record.begin(id: 1, keep: true),
                Record.begin(id: 3, keep: true), Record.parameters(haproxy("/a"), id: 1),
                Record.parameters(haproxy("/b"), id: 3), Record.bytes(FCGI_STDIN, id: 3, Array("bb".utf8)),
                Record.input("aa", id: 1), Record.bytes(FCGI_STDIN, id: 3),
            ],
            [
                "values 6", "request 1 responder keep GET /a", "request 3 responder keep GET /b", "body 3 bb",
                "body 1 aa", "end 1", "end 3",
            ])
        Transcript(
            "HAProxy: ABORT before the body's end, the other request goes on",
            [
                Record.begin(id: 1, keep: true), Record.parameters(haproxy("/a"), id: 1),
                Record.begin(id: 2, keep: true), Record.parameters(haproxy("/b"), id: 2),
                Record.bytes(FCGI_STDIN, id: 1, Array("par".utf8)), Record.abort(id: 1), Record.input("", id: 2),
            ],
            [
                "request 1 responder keep GET /a", "request 2 responder keep GET /b", "body 1 par", "abort 1", "end 2",
            ])
        Transcript(
            "mod_proxy_fcgi: SCRIPT_FILENAME proxy:fcgi, unpadded, body in records of 8 KiB",
            [
                Record.begin(),
                Record.parameters(
                    post(
                        "/app", 10_000,
                        [("SCRIPT_FILENAME", "proxy:fcgi://127.0.0.1:9000/app"), ("GATEWAY_INTERFACE", "CGI/1.1")]),
                    padding: 0), Record.input(String(repeating: "y", count: 10_000), size: 8_192, padding: 0),
            ],
            ["request 1 responder POST /app", "body 1 10000 bytes", "end 1"])
        Transcript(
            "mod_proxy_fcgi: parameters in several records, no pair straddles",
            [
                Record.begin(keep: true), Record.bytes(FCGI_PARAMS, Pairs.bytes(get("/big")), padding: 0),
                Record.bytes(
                    FCGI_PARAMS, Pairs.bytes([("HTTP_COOKIE", String(repeating: "c", count: 900))]), padding: 0),
                Record.bytes(FCGI_PARAMS), Record.input("", padding: 0),
            ],
            ["request 1 responder keep GET /big", "end 1"])
        Transcript(
            "mod_proxy_fcgi: chunked, without CONTENT_LENGTH",
            [
                Record.begin(), Record.parameters([("REQUEST_METHOD", "PUT"), ("REQUEST_URI", "/up")], padding: 0),
                Record.input("chunked", size: 3, padding: 0),
            ],
            ["request 1 responder PUT /up", "body 1 chunked", "end 1"])
        Transcript(
            "mod_authnz_fcgi: Authorizer without any STDIN",
            [Record.begin(role: FCGI_AUTHORIZER), Record.parameters(authorizer, padding: 0)],
            ["request 1 authorizer GET /private", "end 1"])
        Transcript(
            "mod_fcgid: one record, whole body, flags 0",
            [
                Record.begin(), Record.parameters(post("/fcgid", 3, [("SCRIPT_NAME", "/fcgid")]), padding: 0),
                Record.input("abc", padding: 0),
            ],
            ["request 1 responder POST /fcgid", "body 1 abc", "end 1"])
        Transcript(
            "mod_fcgid: Authorizer",
            [
                Record.begin(role: FCGI_AUTHORIZER), Record.parameters(authorizer, padding: 0),
                Record.input("", padding: 0),
            ],
            ["request 1 authorizer GET /private", "end 1"])
        Transcript(
            "lighttpd: CONTENT_LENGTH first, unpadded, flags 0",
            [
                Record.begin(),
                Record.parameters(
                    [("CONTENT_LENGTH", "4"), ("SCRIPT_NAME", ""), ("PATH_INFO", "/light"), ("REDIRECT_STATUS", "200")]
                        + get("/light"), padding: 0), Record.input("data", padding: 0),
            ],
            ["request 1 responder GET /light", "body 1 data", "end 1"])
        Transcript(
            "lighttpd: Authorizer with an empty STDIN",
            [
                Record.begin(role: FCGI_AUTHORIZER), Record.parameters(get("/private"), padding: 0),
                Record.input("", padding: 0),
            ],
            ["request 1 authorizer GET /private", "end 1"])
        Transcript(
            "Caddy: random order, empty values, full path in PATH_INFO",
            [
                Record.begin(),
                Record.parameters(
                    [
                        ("HTTP_CONTENT_LENGTH", "2"), ("PATH_INFO", "/caddy"), ("AUTH_TYPE", ""), ("SCRIPT_NAME", ""),
                        ("REMOTE_IDENT", ""), ("REMOTE_HOST", "10.0.0.9"), ("HTTP_CONTENT_TYPE", "text/plain"),
                    ] + post("/caddy", 2), size: 65_500), Record.input("ok", size: 65_500),
            ],
            ["request 1 responder POST /caddy", "body 1 ok", "end 1"])
        Transcript(
            "h2o: records cut inside a pair, no GATEWAY_INTERFACE, keep-alive",
            [
                Record.begin(keep: true),
                Record.parameters(get("/h2o", [("HTTP_EARLY_DATA", "1"), ("SCRIPT_NAME", "")]), size: 11, padding: 0),
                Record.input("", padding: 0),
            ],
            ["request 1 responder keep GET /h2o", "end 1"])
        Transcript(
            "IIS: KEEP_CONN, mixed-case names, back-slash paths",
            [
                Record.begin(keep: true),
                Record.parameters(
                    get(
                        "/iis",
                        [
                            ("IIS_WasUrlRewritten", "1"), ("PATH_TRANSLATED", "C:\\inetpub\\iis"), ("HTTPS", "off"),
                            ("SERVER_SOFTWARE", "Microsoft-IIS/10.0"), ("PATH_INFO", "/iis"), ("SCRIPT_NAME", "/iis"),
                        ])), Record.input(""),
            ],
            ["request 1 responder keep GET /iis", "end 1"])
        Transcript(
            "wfastcgi's peer: all three values asked for, no padding",
            [
                Record.bytes(
                    FCGI_GET_VALUES, id: 0,
                    Pairs.bytes([("FCGI_MAX_CONNS", ""), ("FCGI_MAX_REQS", ""), ("FCGI_MPXS_CONNS", "")]), padding: 0),
                Record.begin(keep: true), Record.parameters(get("/iis"), padding: 0), Record.input("", padding: 0),
            ],
            ["values 7", "request 1 responder keep GET /iis", "end 1"])
        Transcript(
            "PHP-ish client: random id, one record a pair",
            [
                Record.begin(id: 54_321),
                get("/ping").flatMap { Record.bytes(FCGI_PARAMS, id: 54_321, Pairs.bytes([$0])) },
                Record.bytes(FCGI_PARAMS, id: 54_321), Record.input("", id: 54_321),
            ],
            ["request 54321 responder GET /ping", "end 54321"])
        Transcript(
            "libfcgi's cgi-fcgi: environment as parameters, four-byte lengths where short ones would do",
            [
                Record.begin(),
                Record.stream(
                    FCGI_PARAMS, Pairs.bytes(get("/cgi", [("PATH", "/usr/bin"), ("_", "/usr/bin/env")]), long: true)),
                Record.input("in", padding: 6),
            ],
            ["request 1 responder GET /cgi", "body 1 in", "end 1"])
    }

    private static func nginx(_ uri: String, _ method: String, _ length: String) -> [(String, String)] {
        [
            ("QUERY_STRING", ""), ("REQUEST_METHOD", method), ("CONTENT_TYPE", ""), ("CONTENT_LENGTH", length),
            ("SCRIPT_NAME", uri), ("REQUEST_URI", uri), ("DOCUMENT_URI", uri), ("SERVER_PROTOCOL", "HTTP/1.1"),
            ("REQUEST_SCHEME", "http"), ("GATEWAY_INTERFACE", "CGI/1.1"), ("SERVER_SOFTWARE", "nginx/1.22.1"),
            ("REMOTE_ADDR", "127.0.0.1"), ("SERVER_NAME", "_"), ("REDIRECT_STATUS", "200"), ("HTTP_HOST", "localhost"),
            ("HTTP_USER_AGENT", String(repeating: "agent ", count: 30)), ("HTTP_COOKIE", "a=1; b=2"),
        ]
    }

    private static func haproxy(_ path: String) -> [(String, String)] {
        get(path, [("SCRIPT_NAME", path), ("HTTP_HOST", "example.org")])
    }

    private static let authorizer = get(
        "/private", [("FCGI_ROLE", "AUTHORIZER"), ("FCGI_APACHE_ROLE", "AUTHENTICATOR"), ("REMOTE_PASSWD", "secret")])
}
