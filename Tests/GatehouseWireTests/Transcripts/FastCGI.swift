import CFastCGI
import GatehouseWire

/// Records that the specification allows, whether or not a front server sends them.
extension Transcripts {
    static let fastCGI = list {
        Transcript(
            "padding of 255 after every record, even the empty ones (A3)",
            [
                Record.bytes(FCGI_BEGIN_REQUEST, [0, 1, 1, 0, 0, 0, 0, 0], padding: 255, filler: 1),
                Record.bytes(FCGI_PARAMS, Pairs.bytes(get("/p")), padding: 255, filler: 1),
                Record.bytes(FCGI_PARAMS, padding: 255, filler: 5),
                Record.bytes(FCGI_STDIN, Array("x".utf8), padding: 255, filler: 2),
                Record.bytes(FCGI_STDIN, padding: 255, filler: 1), Record.begin(), Record.parameters(get("/q")),
                Record.input(""),
            ],
            ["request 1 responder keep GET /p", "body 1 x", "end 1", "request 1 responder GET /q", "end 1"])
        Transcript(
            "a record of 65,535 bytes and 255 of padding that look like records (A3)",
            [
                Record.begin(keep: true), Record.parameters(post("/max", 65_535)),
                Record.bytes(FCGI_STDIN, [UInt8](repeating: 1, count: 65_535), padding: 255, filler: 1),
                Record.bytes(FCGI_STDIN), Record.begin(), Record.parameters(get("/after")), Record.input(""),
            ],
            [
                "request 1 responder keep POST /max", "body 1 65535 bytes", "end 1", "request 1 responder GET /after",
                "end 1",
            ])
        Transcript(
            "PARAMS one byte a record, four-byte lengths cut too (A2)",
            [
                Record.begin(),
                Record.stream(
                    FCGI_PARAMS, Pairs.bytes(get("/cut"), long: true), size: 1),
                Record.input(""),
            ],
            ["request 1 responder GET /cut", "end 1"])
        Transcript(
            "no parameters at all", [Record.begin(), Record.parameters([]), Record.input("")],
            ["request 1 responder - -", "end 1"])
        Transcript(
            "Filter: STDIN, then DATA",
            [
                Record.begin(role: FCGI_FILTER), Record.parameters(get("/f", [("FCGI_DATA_LENGTH", "4")])),
                Record.input("in"), Record.stream(FCGI_DATA, Array("file".utf8)),
            ],
            ["request 1 filter GET /f", "body 1 in", "end 1", "data 1 file", "data-end 1"])
        Transcript(
            "Filter: DATA between pieces of STDIN",
            [
                Record.begin(role: FCGI_FILTER), Record.parameters(get("/f")), Record.bytes(FCGI_STDIN, [65]),
                Record.bytes(FCGI_DATA, [66]), Record.input("C"), Record.bytes(FCGI_DATA),
            ],
            ["request 1 filter GET /f", "body 1 A", "data 1 B", "body 1 C", "end 1", "data-end 1"])
        Transcript(
            "DATA for a Responder is passed over",
            [Record.begin(), Record.parameters(get("/r")), Record.stream(FCGI_DATA, [66]), Record.input("b")],
            ["request 1 responder GET /r", "body 1 b", "end 1"])
        Transcript(
            "STDIN for an Authorizer is passed over",
            [
                Record.begin(role: FCGI_AUTHORIZER, keep: true), Record.parameters(get("/a")), Record.input("b"),
                Record.begin(), Record.parameters(get("/b")), Record.input(""),
            ],
            ["request 1 authorizer keep GET /a", "end 1", "request 1 responder GET /b", "end 1"])
        Transcript(
            "GET_VALUES in the middle of a request, unknown names left out",
            [
                Record.begin(), Record.getValues(["FCGI_MAX_CONNS", "NO_SUCH"]), Record.parameters(get("/v")),
                Record.getValues([]), Record.input(""),
            ],
            ["values 1", "request 1 responder GET /v", "values 0", "end 1"])
        Transcript(
            "GET_VALUES with values and long lengths",
            [Record.bytes(FCGI_GET_VALUES, id: 0, Pairs.bytes([("FCGI_MPXS_CONNS", "ignored")], long: true))],
            ["values 4"])
        Transcript(
            "unknown management types are answered, with content and without (A10)",
            [
                Record.bytes(12, id: 0, [1, 2, 3]), Record.bytes(0, id: 0), Record.bytes(255, id: 0), Record.begin(),
                Record.parameters(get("/u")), Record.input(""),
            ],
            ["unknown 12", "unknown 0", "unknown 255", "request 1 responder GET /u", "end 1"])
        Transcript(
            "answers of applications are never answered (A6)",
            [
                Record.bytes(FCGI_UNKNOWN_TYPE, id: 0, [9, 0, 0, 0, 0, 0, 0, 0]),
                Record.bytes(FCGI_GET_VALUES_RESULT, id: 0), Record.getValues(["FCGI_MAX_REQS"]),
            ],
            ["values 2"])
        Transcript(
            "management and unknown types with an id are passed over (A6)",
            [
                Record.bytes(FCGI_GET_VALUES, id: 5, Pairs.bytes([("FCGI_MAX_REQS", "")])),
                Record.bytes(77, id: 5, [1]), Record.bytes(FCGI_UNKNOWN_TYPE, id: 5),
                Record.getValues(["FCGI_MAX_REQS"]),
            ],
            ["values 2"])
        Transcript(
            "records of ids that are not alive are passed over",
            [
                Record.bytes(FCGI_PARAMS, id: 9, [1, 2, 3]), Record.bytes(FCGI_STDIN, id: 9, [1]), Record.abort(id: 9),
                Record.bytes(FCGI_DATA, id: 9), Record.begin(id: 9), Record.parameters(get("/9"), id: 9),
                Record.input("", id: 9),
            ],
            ["request 9 responder GET /9", "end 9"])
        Transcript(
            "the highest id, and the reserved bytes set",
            [
                [1, 1, 255, 255, 0, 8, 0, 99, 0, 1, 255, 1, 2, 3, 4, 5], Record.parameters(get("/id"), id: 65_535),
                Record.input("", id: 65_535),
            ],
            ["request 65535 responder keep GET /id", "end 65535"])
        Transcript(
            "ABORT before PARAMS, after some, after all, after some of the body (B4)",
            [
                Record.begin(keep: true), Record.abort(), Record.begin(keep: true),
                Record.bytes(FCGI_PARAMS, Pairs.bytes(get("/1"))), Record.abort(), Record.begin(keep: true),
                Record.parameters(get("/2")), Record.abort(), Record.begin(keep: true), Record.parameters(get("/3")),
                Record.bytes(FCGI_STDIN, [65]), Record.abort(), Record.begin(keep: true), Record.parameters(get("/4")),
                Record.input(""),
            ],
            [
                "abort 1", "abort 1", "request 1 responder keep GET /2", "abort 1", "request 1 responder keep GET /3",
                "body 1 A", "abort 1", "request 1 responder keep GET /4", "end 1",
            ])
        Transcript(
            "ABORT after the answer, twice, with content (B4)",
            [
                Record.begin(keep: true), Record.parameters(get("/done")), Record.input(""), Record.abort(),
                Record.bytes(FCGI_ABORT_REQUEST, [1, 2, 3]), Record.begin(), Record.parameters(get("/more")),
                Record.input(""),
            ],
            ["request 1 responder keep GET /done", "end 1", "request 1 responder GET /more", "end 1"])
        Transcript(
            "late records of an aborted request are passed over",
            [
                Record.begin(keep: true), Record.parameters(get("/x")), Record.abort(), Record.input("late"),
                Record.bytes(FCGI_PARAMS, [1, 2]), Record.begin(), Record.parameters(get("/y")), Record.input(""),
            ],
            ["request 1 responder keep GET /x", "abort 1", "request 1 responder GET /y", "end 1"])
        Transcript(
            "a stream's end that comes again (A9)",
            [
                Record.begin(id: 1, keep: true), Record.begin(id: 2, role: FCGI_FILTER, keep: true),
                Record.parameters(get("/f"), id: 2), Record.bytes(FCGI_PARAMS, id: 2), Record.input("", id: 2),
                Record.input("", id: 2), Record.stream(FCGI_DATA, [], id: 2), Record.stream(FCGI_DATA, [], id: 2),
                Record.parameters(get("/1")), Record.input(""),
            ],
            [
                "request 2 filter keep GET /f", "end 2", "data-end 2", "request 1 responder keep GET /1", "end 1",
            ])
        Transcript(
            "four requests interleaved piece by piece",
            [
                (1...4).flatMap { Record.begin(id: $0, keep: true) },
                (1...4).flatMap { Record.bytes(FCGI_PARAMS, id: $0, Array(Pairs.bytes(get("/\($0)")).prefix(7))) },
                (1...4).reversed().flatMap {
                    Record.bytes(FCGI_PARAMS, id: $0, Array(Pairs.bytes(get("/\($0)")).dropFirst(7)))
                }, (1...4).flatMap { Record.bytes(FCGI_PARAMS, id: $0) },
                (1...4).flatMap { Record.bytes(FCGI_STDIN, id: $0, [UInt8(64 + $0)]) },
                (1...4).reversed().flatMap { Record.bytes(FCGI_STDIN, id: $0) },
            ],
            [
                "request 1 responder keep GET /1", "request 2 responder keep GET /2", "request 3 responder keep GET /3",
                "request 4 responder keep GET /4", "body 1 A", "body 2 B", "body 3 C", "body 4 D", "end 4", "end 3",
                "end 2", "end 1",
            ])
        Transcript(
            "an unkept request beside a kept one",
            [
                Record.begin(id: 1), Record.begin(id: 2, keep: true), Record.parameters(get("/2"), id: 2),
                Record.input("", id: 2), Record.parameters(get("/1"), id: 1), Record.input("", id: 1),
            ],
            ["request 2 responder keep GET /2", "end 2", "request 1 responder GET /1", "end 1"])
        Transcript(
            "a name that comes twice has its last value (C2)",
            [Record.begin(), Record.parameters(get("/1", [("REQUEST_URI", "/2"), ("X", "1")])), Record.input("")],
            ["request 1 responder GET /2", "end 1"])
        Transcript(
            "HTTP_PROXY beside its neighbours (C1)",
            [
                Record.begin(), Record.parameters(get("/", [("HTTP_PROXY", "evil"), ("HTTP_PROXZ", "fine")])),
                Record.input(""),
            ],
            ["request 1 responder GET /", "end 1"])
    }
}
