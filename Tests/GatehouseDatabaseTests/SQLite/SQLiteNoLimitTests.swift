@testable import GatehouseDatabase
import Testing

/// Settings that are `off`: no limit, and not a limit of no time.
struct SQLiteNoLimitTests {
    /// A statement that takes some tenths of a second.
    private static let long: SQL =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT count(*) FROM n"

    private func unlimited(_ change: (inout DatabaseSettings) -> Void = { _ in }) async throws -> SQLiteFixture {
        try await SQLiteFixture {
            $0.statementTimeout = .zero
            $0.lockTimeout = .zero
            $0.idleTransactionTimeout = .zero
            $0.idle = .zero
            change(&$0)
        }.withNotes()
    }

    /// Lets `body` run while another connection, as another process would, has the file's lock.
    private func withLock(of fixture: SQLiteFixture, _ body: (() async throws -> Void) async throws -> Void)
        async throws
    {
        let other = try SQLiteFixture("sqlite:\(fixture.path)")
        let lock = try await other.source.acquire(for: .migration)
        try await lock.perform("BEGIN IMMEDIATE")
        try await body { try await lock.perform("COMMIT") }
        other.source.release(lock)
    }

    @Test func `statements without a limit are not ended, behaviour 17`() async throws {
        let fixture = try await unlimited()
        #expect(try await fixture.count(Self.long) == 1_000_000)
        try await fixture.execute("INSERT INTO note (title) " + Self.long)
        let connection = try await fixture.source.acquire(for: .transaction)
        try await connection.perform("BEGIN IMMEDIATE")
        try await connection.perform("INSERT INTO note (title) SELECT 'a' || (" + Self.long + ")")
        try await connection.perform("COMMIT")
        fixture.source.release(connection)
        #expect(try await fixture.column("SELECT title FROM note", String.self) == ["1000000", "a1000000"])
        // Neither has the thread gone that has nothing to do.
        #expect(fixture.source.status.open >= 2)
    }

    @Test func `whoever waits for a lock without a limit gets it, or is cancelled, behaviour 17`() async throws {
        let fixture = try await unlimited()
        try await withLock(of: fixture) { unlock in
            let cancelled = Task { await fixture.failure("INSERT INTO note VALUES (1, 'a')")?.kind }
            // Past the moment at which the deadlines are looked at.
            try await Task.sleep(for: .milliseconds(300))
            cancelled.cancel()
            #expect(await cancelled.value == .cancelled)
            async let alone = fixture.execute("INSERT INTO note VALUES (2, 'b')")
            async let other = fixture.execute("INSERT INTO note VALUES (3, 'c')")
            try await Task.sleep(for: .milliseconds(300))
            try await unlock()
            _ = try await (alone, other)
        }
        #expect(try await fixture.column("SELECT id FROM note ORDER BY id", Int.self) == [2, 3])
    }

    @Test func `a wait for a lock without a limit ends with the statement's, behaviour 17`() async throws {
        let fixture = try await unlimited { $0.statementTimeout = .milliseconds(300) }
        try await withLock(of: fixture) { unlock in
            let failures = await withTaskGroup(of: DatabaseError?.self) { group in
                for id in 0..<4 {
                    group.addTask { await fixture.failure("INSERT INTO note VALUES (\(id), \("\(id)"))") }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for error in failures {
                #expect(error?.kind == .timeout && error?.message.contains("(0ms)") == false)
            }
            try await unlock()
        }
        #expect(try await fixture.count() == 0)
    }

    @Test func `a transaction may be without a statement for ever, behaviour 17`() async throws {
        let fixture = try await unlimited()
        let connection = try await fixture.source.acquire(for: .transaction)
        try await connection.perform("BEGIN IMMEDIATE")
        try await connection.perform("INSERT INTO note VALUES (1, 'a')")
        try await Task.sleep(for: .milliseconds(200))
        try await connection.perform("COMMIT")
        fixture.source.release(connection)
        #expect(try await fixture.count() == 1)
    }

    @Test func `a migration waits for a lock without a limit as long as for any other, behaviour 17`() async throws {
        let fixture = try await unlimited()
        let connection = try await fixture.source.acquire(for: .migration)
        let lock = MigrationLock(
            session: MigrationSession(connection: connection, dialect: .sqlite), place: "the file", lockTimeout: 0,
            timeout: .milliseconds(200))
        try await withLock(of: fixture) { unlock in
            let error = await #expect(throws: MigrationError.self) { try await lock.transaction {} }
            #expect(error?.description.hasPrefix("the file: somebody else has been migrating for") == true)
            try await unlock()
        }
        _ = try await lock.transaction { () async throws(DatabaseError) in
            try await lock.session.run("INSERT INTO note VALUES (1, 'a')")
        }
        fixture.source.release(connection)
        #expect(try await fixture.count() == 1)
    }

    @Test func `a migration has no limits but the lock's, behaviour 17`() async throws {
        let fixture = try SQLiteFixture {
            $0.statementTimeout = .milliseconds(50)
            $0.idleTransactionTimeout = .milliseconds(50)
        }
        let connection = try await fixture.source.acquire(for: .migration)
        try await connection.perform("BEGIN IMMEDIATE")
        try await connection.perform("CREATE TABLE number AS " + Self.long)
        try await Task.sleep(for: .milliseconds(200))
        try await connection.perform("COMMIT")
        fixture.source.release(connection)
        #expect(try await fixture.count("SELECT * FROM number") == 1_000_000)
    }
}
