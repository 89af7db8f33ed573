import GatehousePlan
import GatehouseServer
import GatehouseWire
import HummingbirdCore
import Testing

/// Routes that are answered 503 before their module is called.
struct QuarantineTests {
    @Test func `a quarantined route is answered 503 with Retry-After, and its module is not called`() async throws {
        let calls = Counter()
        let bench = try await Bench { _, _ in
            calls.add(1)
            return Bench.text("x")
        }
        try await bench.on { bench in
            bench.loop.quarantine([QuarantinedRoute(method: "GET", path: "/bad", retryAfter: 30)])
        }
        try await bench.send(Records.get("/bad?any=1", 1))
        let answer = try #require(try await bench.answers(until: 1)[1])
        #expect(answer.status == 503)
        #expect(String(decoding: answer.output, as: UTF8.self).lowercased().contains("retry-after: 30\r\n"))
        #expect(calls.value == 0)
    }

    @Test(arguments: [("GET", "/bad/"), ("GET", "/BAD"), ("GET", "/%62ad"), ("POST", "/bad"), ("GET", "/ba")])
    func `every other route goes on, compared byte by byte`(method: String, path: String) async throws {
        let bench = try await Bench { _, _ in Bench.text("x") }
        try await bench.on { bench in
            bench.loop.quarantine([QuarantinedRoute(method: "GET", path: "/bad", retryAfter: 30)])
        }
        try await bench.send(Records.head(method, path) + Records.stdinEnd())
        #expect(try await bench.answer().status == 200)
    }

    @Test func `an empty set releases`() async throws {
        let bench = try await Bench { _, _ in Bench.text("x") }
        try await bench.on { bench in
            bench.loop.quarantine([QuarantinedRoute(method: "GET", path: "/bad", retryAfter: 30)])
            bench.loop.quarantine([])
        }
        try await bench.send(Records.get("/bad"))
        #expect(try await bench.answer().status == 200)
    }
}
