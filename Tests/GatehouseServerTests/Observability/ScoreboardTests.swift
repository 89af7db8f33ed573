import CGatehouseSystem
import GatehouseServer
import GatehouseWire
import HummingbirdCore
import NIOCore
import Testing

/// Entries on the scoreboard for an engine's requests.
struct ScoreboardTests {
    @Test func `a request in flight is named, and gone when its handler has ended`() async throws {
        let board = try Scoreboard(loops: 1)
        let gate = Gate()
        let bench = try await Bench(scoreboard: board) { _, _ in
            await gate.pass()
            return Bench.text("done")
        }
        try await bench.send(
            Records.head("GET", "/page?x=1", more: [("REQUEST_ID", "r-17")]) + Records.stdinEnd())
        await gate.arrival()
        let request = try #require(board.request(slot: 0))
        #expect(request.id == "r-17")
        #expect(request.method == "GET")
        #expect(request.path == "/page?x=1")
        #expect(request.module == "test")
        #expect(!request.isResponding)
        #expect(board.board.pointee.loops.0.in_flight == 1)
        gate.open()
        _ = try await bench.answer()
        await bench.loop.whenNoHandlerRuns()
        #expect(board.request(slot: 0) == nil)
        let cell = try await bench.on { _ in board.board.pointee.loops.0 }
        #expect(cell.in_flight == 0)
        #expect(cell.requests == 1)
        #expect(cell.response_bytes == 4)
        #expect(cell.failures == 0)
        #expect(cell.connections == 1)
    }

    @Test func `without a REQUEST_ID the id is the one that logs have, and long texts are cut`() async throws {
        let board = try Scoreboard(loops: 1)
        let seen = Gate()
        let bench = try await Bench(scoreboard: board) { request, gateway in
            let told = board.request(slot: 0)
            #expect(told?.id == gateway.requestID)
            #expect(told?.path.utf8.count == 288)
            seen.open()
            return Bench.text("x")
        }
        try await bench.send(Records.get("/" + String(repeating: "a", count: 400)))
        await seen.pass()
        #expect(try await bench.answer().status == 200)
    }

    @Test func `the slot whose code runs is known before and after an await, and afterwards there is none`()
        async throws
    {
        let board = try Scoreboard(loops: 1)
        let gate = Gate()
        let bench = try await Bench(scoreboard: board) { request, _ in
            let before = board.board.pointee.loops.0.current_slot
            #expect(before >= 0)
            #expect(board.request(slot: before)?.path == request.uri.string)
            if request.uri.path == "/wait" { await gate.pass() } else { try await Task.sleep(for: .milliseconds(1)) }
            #expect(board.board.pointee.loops.0.current_slot == before)
            #expect(board.request(slot: before)?.path == request.uri.string)
            return Bench.text("x")
        }
        try await bench.send(Records.get("/wait", 1) + Records.get("/sleep", 2))
        await gate.arrival()
        _ = try await bench.answers(until: 2)
        #expect(try await bench.on { _ in board.board.pointee.loops.0.current_slot } == -1)
        gate.open()
        _ = try await bench.answer(1)
    }

    @Test func `an aborted handler that goes on keeps its slot`() async throws {
        let board = try Scoreboard(loops: 1)
        let gate = Gate()
        let bench = try await Bench(scoreboard: board) { request, _ in
            if request.uri.path == "/deaf" { await gate.pass() }
            return Bench.text("x")
        }
        try await bench.send(Records.get("/deaf") + Records.abort())
        await gate.arrival()
        try await bench.on { $0.engine.closed() }
        #expect(board.request(slot: 0)?.path == "/deaf")
        gate.open()
        await bench.loop.whenNoHandlerRuns()
        #expect(board.request(slot: 0) == nil)
    }

    @Test func `a request without a free slot is served all the same`() async throws {
        var limits = Limits()
        limits.concurrentRequests = 2_000
        let board = try Scoreboard(loops: 16)
        let share = Int(GATEHOUSE_SCOREBOARD_SLOTS) / 16
        let gate = Gate()
        let bench = try await Bench(limits: limits, scoreboard: board) { request, _ in
            if request.uri.path == "/hold" { await gate.pass() }
            return Bench.text("x")
        }
        for id in 1...share { try await bench.send(Records.get("/hold", UInt16(id))) }
        try await bench.send(Records.get("/more", 999))
        #expect(try await bench.answers(until: 999)[999]?.status == 200)
        #expect(board.request(slot: Int32(share - 1))?.path == "/hold")
        #expect(board.request(slot: Int32(share)) == nil)
        gate.open()
        _ = try await bench.answers(until: UInt16(share))
    }

    @Test func `a 5xx is a failure`() async throws {
        let board = try Scoreboard(loops: 1)
        let bench = try await Bench(scoreboard: board) { _, _ in throw CancellationError() }
        try await bench.send(Records.get("/"))
        #expect(try await bench.answer().status == 500)
        #expect(try await bench.on { _ in board.board.pointee.loops.0.failures } == 1)
    }
}
