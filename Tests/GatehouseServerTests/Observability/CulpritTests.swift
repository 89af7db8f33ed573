import CGatehouseSystem
import GatehouseServer
import GatehouseWire
import HummingbirdCore
import Testing

/// A request that has crashed a worker is not given to another one.
struct CulpritTests {
    /// Does what the crash handler does in the worker that had this request.
    private static func crash(
        _ board: CulpritBoard, atSecond second: Int64 = 1_000, path: String = "/bad", client: String? = nil,
        id: String = "r-17"
    ) async throws {
        let scoreboard = try Scoreboard(loops: 1)
        let gate = Gate()
        let bench = try await Bench(scoreboard: scoreboard) { _, _ in
            await gate.pass()
            return Bench.text("x")
        }
        let more = client.map { [("REMOTE_ADDR", $0), ("REMOTE_PORT", "4000")] } ?? [("REQUEST_ID", id)]
        try await bench.send(Records.head("GET", path, more: more) + Records.stdinEnd())
        await gate.arrival()
        gatehouse_culprit_add(
            board.board, gatehouse_board_slot(scoreboard.board, 0), second * 1_000_000_000)
        gate.open()
        _ = try await bench.answer()
    }

    /// The status of a request, a thousand seconds after the machine's start.
    private static func ask(
        _ board: CulpritBoard, path: String = "/bad", _ more: [(String, String)]
    ) async throws -> Int? {
        let bench = try await Bench(culprits: board) { _, _ in Bench.text("x") }
        try await bench.send(Records.head("GET", path, more: more) + Records.stdinEnd())
        return try await bench.answer().status
    }

    @Test func `one that has a name is known by it, whatever it asks for`() async throws {
        let board = try CulpritBoard()
        try await Self.crash(board)
        #expect(try await Self.ask(board, path: "/other", [("REQUEST_ID", "r-17")]) == 500)
        #expect(try await Self.ask(board, [("REQUEST_ID", "r-18")]) == 200)
        #expect(try await Self.ask(board, [("REMOTE_ADDR", "10.0.0.1"), ("REMOTE_PORT", "4000")]) == 200)
    }

    @Test func `one without a name is known by method, target and client`() async throws {
        let board = try CulpritBoard()
        try await Self.crash(board, path: "/bad?a=1", client: "10.0.0.1")
        let client = [("REMOTE_ADDR", "10.0.0.1"), ("REMOTE_PORT", "4000")]
        #expect(try await Self.ask(board, path: "/bad?a=1", client) == 500)
        #expect(try await Self.ask(board, path: "/bad?a=2", client) == 200)
        #expect(try await Self.ask(board, path: "/bad?a=1", [client[0], ("REMOTE_PORT", "4001")]) == 200)
        #expect(try await Self.ask(board, path: "/bad?a=1", [("REMOTE_ADDR", "10.0.0.2"), client[1]]) == 200)
        #expect(try await Self.ask(board, path: "/bad?a=1", []) == 200, "nobody knows who that is")
        #expect(try await Self.ask(board, path: "/bad?a=1", client + [("REQUEST_ID", "r-1")]) == 200)
    }

    @Test func `it is held for a while only`() async throws {
        for (second, status) in [(Int64(1_000 - 61), 200), (1_000 - 59, 500)] {
            let board = try CulpritBoard()
            try await Self.crash(board, atSecond: second)
            #expect(try await Self.ask(board, [("REQUEST_ID", "r-17")]) == status)
        }
        for (second, status) in [(Int64(1_000 - 6), 200), (1_000 - 4, 500)] {
            let board = try CulpritBoard()
            try await Self.crash(board, atSecond: second, client: "::1")
            let client = [("REMOTE_ADDR", "::1"), ("REMOTE_PORT", "4000")]
            #expect(try await Self.ask(board, client) == status)
        }
    }

    @Test func `texts that a slot has no room for are cut alike`() async throws {
        let board = try CulpritBoard()
        let id = String(repeating: "i", count: 100)
        let path = "/" + String(repeating: "p", count: 1_000)
        try await Self.crash(board, id: id)
        try await Self.crash(board, path: path, client: "10.0.0.1")
        #expect(try await Self.ask(board, [("REQUEST_ID", id)]) == 500)
        #expect(try await Self.ask(board, path: path, [("REMOTE_ADDR", "10.0.0.1"), ("REMOTE_PORT", "4000")]) == 500)
    }

    @Test func `the oldest makes room, and memory does not grow`() async throws {
        let board = try CulpritBoard()
        var slot = gatehouse_slot()
        for number in 0...UInt8(GATEHOUSE_CULPRITS) {
            slot.id.0 = CChar(bitPattern: number)
            slot.id_length = 1
            gatehouse_culprit_add(board.board, &slot, 1_000)
        }
        let held = (0...UInt8(GATEHOUSE_CULPRITS)).filter { number in
            let key = [number].withUnsafeBytes {
                gatehouse_culprit_named(gatehouse_text(bytes: $0.baseAddress, length: 1))
            }
            return gatehouse_culprit_held(board.board, key, 2_000) != 0
        }
        #expect(held == Array(1...UInt8(GATEHOUSE_CULPRITS)))
    }
}
