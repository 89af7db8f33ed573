import CFastCGI
import GatehouseWire

/// Requests that are refused, and records that end the connection.
extension Transcripts {
    static let fastCGIFaults = list {
        Transcript(
            "version 0 (A10)", [Record.bytes(FCGI_GET_VALUES, id: 0, version: 0)], ["violation unsupported-version"])
        Transcript(
            "version 2 after a request (A10)",
            [
                Record.begin(keep: true), Record.parameters(get("/")), Record.input(""),
                Record.bytes(FCGI_STDIN, version: 2),
            ],
            ["request 1 responder keep GET /", "end 1", "violation unsupported-version"])
        Transcript(
            "HTTP in place of FastCGI", [Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)],
            ["violation unsupported-version"])
        Transcript(
            "BEGIN of seven bytes (A10)", [Record.bytes(FCGI_BEGIN_REQUEST, [0, 1, 0, 0, 0, 0, 0])],
            ["violation bad-begin-request"])
        Transcript(
            "BEGIN of nine bytes (A10)", [Record.bytes(FCGI_BEGIN_REQUEST, [0, 1, 0, 0, 0, 0, 0, 0, 0])],
            ["violation bad-begin-request"])
        Transcript("BEGIN of none (A10)", [Record.bytes(FCGI_BEGIN_REQUEST)], ["violation bad-begin-request"])
        Transcript("BEGIN with id 0 (A6)", [Record.begin(id: 0)], ["violation null-request-id"])
        Transcript("PARAMS with id 0 (A6)", [Record.bytes(FCGI_PARAMS, id: 0, [1])], ["violation null-request-id"])
        Transcript("STDIN with id 0 (A6)", [Record.bytes(FCGI_STDIN, id: 0)], ["violation null-request-id"])
        Transcript("DATA with id 0 (A6)", [Record.bytes(FCGI_DATA, id: 0)], ["violation null-request-id"])
        Transcript("ABORT with id 0 (A6)", [Record.abort(id: 0)], ["violation null-request-id"])
        Transcript("END_REQUEST from the client (A10)", [Record.bytes(FCGI_END_REQUEST)], ["violation wrong-direction"])
        Transcript("STDOUT from the client (A10)", [Record.bytes(FCGI_STDOUT, [1])], ["violation wrong-direction"])
        Transcript(
            "STDERR with id 0 from the client (A10)", [Record.bytes(FCGI_STDERR, id: 0)], ["violation wrong-direction"])
        Transcript(
            "BEGIN of an id that is alive (A10)", [Record.begin(), Record.begin()], ["violation request-id-in-use"])
        Transcript(
            "STDIN before PARAMS' end",
            [Record.begin(), Record.bytes(FCGI_PARAMS, Pairs.bytes(get("/"))), Record.bytes(FCGI_STDIN, [1])],
            ["violation stream-out-of-order"])
        Transcript(
            "an empty STDIN before PARAMS", [Record.begin(), Record.input("")], ["violation stream-out-of-order"])
        Transcript(
            "DATA before PARAMS' end", [Record.begin(role: FCGI_FILTER), Record.bytes(FCGI_DATA, [1])],
            ["violation stream-out-of-order"])
        Transcript(
            "PARAMS after their end",
            [Record.begin(), Record.parameters(get("/")), Record.bytes(FCGI_PARAMS, [1, 0, 65])],
            ["request 1 responder GET /", "violation stream-out-of-order"])
        Transcript(
            "STDIN after its end, while the file is awaited",
            [
                Record.begin(role: FCGI_FILTER), Record.parameters(get("/")), Record.input("a"),
                Record.bytes(FCGI_STDIN, [66]),
            ],
            ["request 1 filter GET /", "body 1 a", "end 1", "violation stream-out-of-order"])
        Transcript(
            "unknown role: refused, the connection goes on (A10)",
            [
                Record.begin(role: 9, keep: true), Record.parameters(get("/")), Record.input("x"), Record.begin(),
                Record.parameters(get("/ok")), Record.input(""),
            ],
            ["refused 1 - 3", "request 1 responder GET /ok", "end 1"])
        Transcript(
            "a pair past the stream's end: refused, the connection goes on (A2)",
            [
                Record.begin(keep: true), Record.stream(FCGI_PARAMS, [50, 50] + [UInt8](repeating: 65, count: 8)),
                Record.input("body"), Record.begin(), Record.parameters(get("/ok")), Record.input(""),
            ],
            ["refused 1 400 0", "request 1 responder GET /ok", "end 1"])
        Transcript(
            "PARAMS that end inside a length (A2)",
            [Record.begin(keep: true), Record.stream(FCGI_PARAMS, [1, 1, 65, 66, 128, 0])],
            ["refused 1 400 0"])
        Transcript(
            "a length of 2^31-1 (A1)",
            [Record.begin(keep: true), Record.stream(FCGI_PARAMS, [255, 255, 255, 255, 255, 255, 255, 255, 65])],
            ["refused 1 431 0"])
        Transcript(
            "one request too many (B2)", limits: with { $0.concurrentRequests = 2 },
            [
                (1...3).flatMap { Record.begin(id: $0, keep: true) },
                (1...3).flatMap { Record.parameters(get("/\($0)"), id: $0) + Record.input("", id: $0) },
            ],
            [
                "refused 3 503 2", "request 1 responder keep GET /1", "end 1", "request 2 responder keep GET /2",
                "end 2",
            ])
        Transcript(
            "a second request where connections are not multiplexed (B2)", limits: with { $0.concurrentRequests = 1 },
            [
                Record.begin(id: 1, keep: true), Record.begin(id: 2, keep: true), Record.getValues(["FCGI_MPXS_CONNS"]),
                Record.parameters(get("/1")), Record.input(""),
            ],
            ["refused 2 503 1", "values 4", "request 1 responder keep GET /1", "end 1"])
        Transcript(
            "parameters over their limit in the second record; the rest is passed over (B1)",
            limits: with { $0.parameterBytes = 20 },
            [
                Record.begin(keep: true), Record.parameters(get("/a-long-enough-path"), size: 16), Record.input("x"),
                Record.begin(), Record.parameters([("REQUEST_URI", "/s")]), Record.input(""),
            ],
            ["refused 1 431 0", "request 1 responder - /s", "end 1"])
        Transcript(
            "GET_VALUES that runs past its end", [Record.bytes(FCGI_GET_VALUES, id: 0, [14, 0, 65])],
            ["violation bad-get-values"])
        Transcript(
            "GET_VALUES too long", [Record.bytes(FCGI_GET_VALUES, id: 0, [UInt8](repeating: 0, count: 4_098))],
            ["violation bad-get-values"])
    }

    static func with(_ change: (inout Limits) -> Void) -> Limits {
        var limits = Limits()
        change(&limits)
        return limits
    }
}
