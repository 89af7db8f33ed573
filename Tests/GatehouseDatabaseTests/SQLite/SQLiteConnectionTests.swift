@testable import GatehouseDatabase
import GatehouseServer
import Testing

struct SQLiteConnectionTests {
    private func notes(_ change: (inout DatabaseSettings) -> Void = { _ in }) async throws -> SQLiteFixture {
        try await SQLiteFixture(nil, change).withNotes()
    }

    private func state(_ connection: any Connection) async -> ConnectionState {
        await withCheckedContinuation { continuation in
            connection.loop.run { continuation.resume(returning: connection.state) }
        }
    }

    @Test func `a transaction has the writer, and its statements are nobody's before the commit`() async throws {
        let fixture = try await notes()
        let connection = try await fixture.source.acquire(for: .transaction)
        try await connection.perform("BEGIN IMMEDIATE")
        #expect(try await connection.perform("INSERT INTO note VALUES (1, 'a')") == Changes(rows: 1, lastID: 1))
        #expect(await state(connection) == .inTransaction)
        #expect(try await fixture.count() == 0)
        try await connection.perform("COMMIT")
        #expect(await state(connection) == .idle)
        fixture.source.release(connection)
        #expect(try await fixture.count() == 1)
    }

    @Test func `what a caller leaves open is rolled back, behaviour 8`() async throws {
        let fixture = try await notes()
        let connection = try await fixture.source.acquire(for: .transaction)
        try await connection.perform("BEGIN IMMEDIATE")
        try await connection.perform("INSERT INTO note VALUES (1, 'a')")
        fixture.source.release(connection)
        #expect(try await fixture.execute("INSERT INTO note VALUES (1, 'b')") == Changes(rows: 1, lastID: 1))
    }

    @Test func `a connection that nobody gives back is given back`() async throws {
        let fixture = try await notes()
        do { _ = try await fixture.source.acquire(for: .transaction) }
        try await fixture.execute("INSERT INTO note VALUES (1, 'a')")
    }

    @Test func `a read sees one snapshot and writes nothing`() async throws {
        let fixture = try await notes()
        let connection = try await fixture.source.acquire(for: .read)
        try await connection.perform("BEGIN")
        let before = CollectingSink(ColumnsReader(Int.self), atMost: 1)
        try await connection.perform("SELECT count(*) FROM note", into: before)
        try await fixture.execute("INSERT INTO note VALUES (1, 'a')")
        let after = CollectingSink(ColumnsReader(Int.self), atMost: 1)
        try await connection.perform("SELECT count(*) FROM note", into: after)
        #expect(before.rows == [0] && after.rows == [0])
        await #expect { try await connection.perform("INSERT INTO note VALUES (2, 'b')") } throws: {
            ($0 as? DatabaseError)?.kind == .usage
        }
        fixture.source.release(connection)
        #expect(try await fixture.count() == 1)
    }

    @Test func `a savepoint rolls back alone, behaviour 11`() async throws {
        let fixture = try await notes()
        let connection = try await fixture.source.acquire(for: .transaction)
        for sql: SQL in [
            "BEGIN IMMEDIATE", "INSERT INTO note VALUES (1, 'a')", "SAVEPOINT one", "INSERT INTO note VALUES (2, 'b')",
            "ROLLBACK TO one", "RELEASE one", "COMMIT",
        ] {
            try await connection.perform(sql)
        }
        fixture.source.release(connection)
        #expect(try await fixture.count() == 1)
    }

    @Test func `a batch inside a transaction undoes itself alone`() async throws {
        let fixture = try await notes()
        let connection = try await fixture.source.acquire(for: .transaction)
        try await connection.perform("BEGIN IMMEDIATE")
        try await connection.perform("INSERT INTO note VALUES (1, 'a')")
        let result = await withCheckedContinuation { continuation in
            connection.loop.run {
                connection.start(batch: [
                    BatchStatement("INSERT INTO note VALUES (2, 'b')"),
                    BatchStatement("INSERT INTO note VALUES (1, 'c')"),
                ]) { continuation.resume(returning: $0) }
            }
        }
        #expect(throws: DatabaseError.self) { try result.get() }
        try await connection.perform("COMMIT")
        fixture.source.release(connection)
        #expect(try await fixture.count() == 1)
    }

    @Test func `a transaction without a statement for too long is rolled back, behaviour 17`() async throws {
        let fixture = try await notes { $0.idleTransactionTimeout = .seconds(1) }
        let connection = try await fixture.source.acquire(for: .transaction)
        try await connection.perform("BEGIN IMMEDIATE")
        try await connection.perform("INSERT INTO note VALUES (1, 'a')")
        // Waits for the writer, which comes free by itself.
        try await fixture.execute("INSERT INTO note VALUES (1, 'b')")
        await #expect { try await connection.perform("COMMIT") } throws: {
            let kind = ($0 as? DatabaseError)?.kind
            return kind == .timeout || kind == .connectionLost(sent: false)
        }
        fixture.source.release(connection)
        #expect(try await fixture.column("SELECT title FROM note", String.self) == ["b"])
    }

    @Test func `a sink that pauses stops the statement until it is resumed, behaviour 18`() async throws {
        let fixture = try await notes { $0.statementTimeout = .milliseconds(500) }
        let connection = try await fixture.source.acquire(for: .read)
        let sink = CountingSink { $0 >= 5 ? .stop : .pause }
        let numbers: SQL = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3) SELECT i FROM n"
        async let changes = connection.perform(numbers, into: sink)
        for row in 1...3 {
            await sink.has(row)
            connection.loop.run { connection.resume() }
        }
        #expect(try await changes.rows == 3)
        let endless: SQL = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
        async let stopped = connection.perform(endless, into: sink)
        await sink.has(4)
        connection.loop.run { connection.resume() }
        #expect(try await stopped.rows == 2)
        #expect(await state(connection) == .idle)
        fixture.source.release(connection)
    }

    @Test func `a statement that pauses can be cancelled and closed`() async throws {
        let fixture = try await notes()
        for closes in [false, true] {
            let connection = try await fixture.source.acquire(for: .read)
            let sink = CountingSink { _ in .pause }
            let endless: SQL = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
            let changes = Task { try await connection.perform(endless, into: sink) }
            await sink.has(1)
            connection.loop.run { closes ? connection.close() : connection.cancel() }
            await #expect { try await changes.value } throws: {
                ($0 as? DatabaseError)?.kind == (closes ? .connectionLost(sent: true) : .cancelled)
            }
            #expect(await state(connection) == .unusable)
            fixture.source.release(connection)
        }
        #expect(try await fixture.count() == 0)
    }
}
