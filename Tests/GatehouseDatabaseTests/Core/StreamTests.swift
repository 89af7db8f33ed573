import GatehouseDatabase
import Testing

/// Streams of rows with a server of the tests.
struct StreamTests {
    private struct Own: Error {}

    private static func rows(_ count: Int) -> [[TestValue]] { (0..<count).map { [.text("\($0)")] } }

    @Test(arguments: Caller.allCases)
    func `rows come in their order, and are not read far ahead, behaviour 18`(_ caller: Caller) async throws {
        let server = FakeServer { _ in .rows(Self.rows(5_000)) }
        let database = server.database()
        let sum = try await caller.run {
            try await database.rows("SELECT a", Int.self) { rows in
                var next = 0
                for try await row in rows {
                    #expect(row == next)
                    next += 1
                }
                return next
            }
        }
        #expect(sum == 5_000)
        // 256 rows at a time, at most; a reader that keeps up has them without a pause.
        #expect(server.state.resumed <= 5_000 / 256)
        await database.until(idle: 1)
    }

    @Test(arguments: Caller.allCases)
    func `leaving early ends the statement and does not read the rest, behaviour 18`(_ caller: Caller) async throws {
        let server = FakeServer { $0 == "SELECT a" ? .rows(Self.rows(100_000)) : .changes(1) }
        let database = server.database { $0.connections = 1 }
        try await caller.run {
            let first = try await database.rows("SELECT a", as: Int.self) { rows in
                var iterator = rows.makeAsyncIterator()
                return try await iterator.next()
            }
            #expect(first == 0)
            try await database.execute("S2")
        }
        #expect(server.state.resumed <= 2)
        #expect(server.state.log == ["1: SELECT a", "2: S2"])
        #expect(server.state.closed == [1])
    }

    @Test func `leaving early while the server says nothing cancels, behaviour 18`() async throws {
        let server = FakeServer { $0 == "S2" ? .changes(1) : .nothing }
        let database = server.database { $0.connections = 1 }
        let stream = Task {
            await databaseError { try await database.rows("SELECT a", as: Int.self) { _ in } }
        }
        await server.until { $0.open.count == 1 }
        stream.cancel()
        #expect(await stream.value?.kind == .cancelled)
        #expect(server.state.cancelled == [1])
        try await database.execute("S2")
    }

    @Test func `a reader that throws ends the statement, behaviour 18`() async throws {
        let server = FakeServer { _ in .rows(Self.rows(10_000)) }
        let database = server.database()
        await #expect(throws: Own.self) {
            try await database.rows("SELECT a", as: Int.self) { rows in
                for try await row in rows where row == 1_000 { throw Own() }
            }
        }
        #expect(server.state.resumed < 10)
    }

    @Test func `an error of the statement comes before the closure, and one of a row inside it`() async throws {
        let bad = DatabaseError(.usage, "syntax error", sqlState: "42601")
        let server = FakeServer { $0 == "BAD" ? .error(bad) : .rows([["1"], ["x"], ["3"]]) }
        let database = server.database()
        let error = await databaseError {
            try await database.rows("BAD", as: Int.self) { _ in Issue.record("the closure was called") }
        }
        #expect(error?.sqlState == "42601")
        #expect(error?.statement == "BAD")
        let data = await databaseError {
            try await database.rows("SELECT a", as: Int.self) { rows in
                var seen: [Int] = []
                do {
                    for try await row in rows { seen.append(row) }
                } catch {
                    #expect(seen == [1])
                    throw error
                }
            }
        }
        #expect(data?.kind == .data)
        #expect(data?.statement == "SELECT a")
    }

    @Test func `a stream inside a transaction leaves it usable, behaviour 18`() async throws {
        let server = FakeServer { $0 == "SELECT a" ? .rows(Self.rows(2_000)) : .changes(1) }
        let database = server.database()
        try await database.transaction { transaction in
            try await transaction.rows("SELECT a", as: Int.self) { rows in
                for try await row in rows where row == 300 { break }
                let error = await databaseError { try await transaction.execute("S1") }
                #expect(error?.kind == .usage)
            }
            try await transaction.execute("S2")
        }
        #expect(server.state.log == ["1: BEGIN", "1: SELECT a", "1: S2", "1: COMMIT"])
        #expect(server.state.cancelled.isEmpty)
    }

    @Test func `the database is refused while its rows are streamed, behaviour 3`() async throws {
        let server = FakeServer { _ in .rows(Self.rows(3)) }
        let database = server.database()
        try await database.rows("SELECT a", as: Int.self) { rows in
            for try await _ in rows {
                let error = await databaseError { try await database.execute("S1") }
                #expect(error?.kind == .usage)
                #expect(error?.message.contains("while its rows are streamed") == true)
            }
        }
        try await database.execute("S1")
    }

    @Test func `rows that were kept are refused`() async throws {
        let server = FakeServer { _ in .rows(Self.rows(3)) }
        let database = server.database()
        let kept = try await database.rows("SELECT a", as: Int.self) { $0 }
        let error = await databaseError {
            var iterator = kept.makeAsyncIterator()
            _ = try await iterator.next()
        }
        #expect(error?.kind == .usage)
    }

    @Test func `a stream begins anew on another connection if its own was lost, behaviour 6`() async throws {
        let server = FakeServer { $0 == "S1" ? .changes(1) : .nothing }
        let database = server.database()
        try await database.execute("S1")
        async let sum = database.rows("SELECT a", as: Int.self) { rows in
            var sum = 0
            for try await row in rows { sum += row }
            return sum
        }
        await server.until { $0.open.count == 1 }
        server.answer("SELECT a", with: .loss(sent: false))
        await server.until { $0.open.count == 1 }
        server.answer("SELECT a", with: .rows(Self.rows(4)))
        #expect(try await sum == 6)
        #expect(server.state.log == ["1: S1", "1: SELECT a", "2: SELECT a"])
    }

    @Test func `a result beyond its cap is an error of the caller, behaviour 19`() async throws {
        let server = FakeServer { _ in .rows(Self.rows(11)) }
        let database = server.database()
        let error = await databaseError { try await database.all("SELECT a", as: Int.self, atMost: 10) }
        #expect(error?.kind == .tooManyRows)
        #expect(error?.statement == "SELECT a")
        #expect(try await database.all("SELECT a", as: Int.self, atMost: 11).count == 11)
    }
}
