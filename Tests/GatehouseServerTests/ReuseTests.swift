import GatehouseServer
import HTTPTypes
import HummingbirdCore
import Testing

/// Tasks and caches that serve one request after the other: none notices the one before it.
struct ReuseTests {
    @Test func `a request after an aborted one does not find itself cancelled`() async throws {
        let gate = Gate()
        let bench = try await Bench { request, _ in
            if request.uri.path == "/wait" { await gate.pass() }
            return Bench.text("\(Task.isCancelled)")
        }
        try await bench.send(Records.get("/first"))
        #expect(try await bench.answer().body == "false")
        try await bench.send(Records.get("/wait"))
        await gate.arrival()
        try await bench.send(Records.abort())
        gate.open()
        await bench.loop.whenNoHandlerRuns()
        _ = try await bench.on { $0.transport.takeSent() }
        try await bench.send(Records.get("/last"))
        #expect(try await bench.answer().body == "false")
    }

    @Test func `handlers that wait do not keep others from starting, and all are answered`() async throws {
        let gate = Gate()
        let bench = try await Bench { request, _ in
            if request.uri.path == "/wait" { await gate.pass() }
            return Bench.text(request.uri.path)
        }
        for round in 0..<3 {
            for id in 1...3 { try await bench.send(Records.get(id == 3 ? "/go" : "/wait", UInt16(id))) }
            #expect(try await bench.answer(3).body == "/go", "round \(round)")
            gate.open()
            #expect(try await bench.answer(1).body == "/wait")
            #expect(try await bench.answer(2).body == "/wait")
            _ = try await bench.on { $0.transport.takeSent() }
        }
    }

    @Test(arguments: [
        ["a", "b", "a", "a"], ["é", "é", "e"], ["x\u{1}", "x ", "x\u{1}"], ["12345678", "12345679", ""],
    ])
    func `a header's value is this request's, whatever the last one's was`(values: [String]) async throws {
        let bench = try await Bench { request, _ in
            Bench.text(HTTPField.Name("x-value").flatMap { request.headers[$0] } ?? "none")
        }
        for value in values {
            let head = Records.head("GET", "/", more: [("HTTP_X_VALUE", value)])
            try await bench.send(head + Records.stdinEnd())
            let expected = HTTPField.Name("x-value").map { HTTPField(name: $0, value: value).value }
            #expect(try await bench.answer().body == expected)
            _ = try await bench.on { $0.transport.takeSent() }
        }
    }
}
