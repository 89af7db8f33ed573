import DatabaseTestSupport
@testable import GatehouseDatabase
import Testing

/// Group commit: each caller's statement is its own, though many are one transaction.
struct SQLiteWriterTests {
    /// Runs statements at once while the writer is held, so that they meet in one transaction.
    private func together(_ fixture: SQLiteFixture, _ statements: [SQL]) async throws -> [Result<
        Changes, DatabaseError
    >] {
        let held = try await fixture.source.acquire(for: .transaction)
        return await withTaskGroup(of: (Int, Result<Changes, DatabaseError>).self) { group in
            for (index, sql) in statements.enumerated() {
                group.addTask {
                    do throws(DatabaseError) {
                        return (index, .success(try await fixture.execute(sql)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            while fixture.source.status.waiting < statements.count { await Task.yield() }
            fixture.source.release(held)
            var results: [Int: Result<Changes, DatabaseError>] = [:]
            for await (index, result) in group { results[index] = result }
            return statements.indices.compactMap { results[$0] }
        }
    }

    private func succeeded(_ results: [Result<Changes, DatabaseError>]) -> [Bool] {
        results.map { if case .success = $0 { true } else { false } }
    }

    @Test func `a caller's error undoes his statement and no other`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        let results = try await together(
            fixture,
            [
                "INSERT INTO note VALUES (1, 'a')", "INSERT INTO note VALUES (2, 'b'), (3, '')",
                "INSERT INTO note VALUES (4, 'd') RETURNING id", "INSERT INTO nothing VALUES (1)",
                "INSERT INTO note VALUES (5, 'e')", "PRAGMA user_version = 3", "INSERT INTO note VALUES (6, 'f')",
            ])
        #expect(succeeded(results) == [true, false, true, false, true, true, true])
        #expect(try await fixture.column("SELECT id FROM note ORDER BY id", Int.self) == [1, 4, 5, 6])
    }

    @Test func `a statement that rolls everything back harms only its caller`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        try await fixture.execute("INSERT INTO note VALUES (1, 'a')")
        try await fixture.execute(
            "CREATE TRIGGER no BEFORE DELETE ON note BEGIN SELECT RAISE(ROLLBACK, 'notes stay'); END")
        let results = try await together(
            fixture,
            [
                "INSERT INTO note VALUES (2, 'b') RETURNING id", "INSERT INTO note VALUES (3, 'c')",
                "DELETE FROM note", "INSERT OR ROLLBACK INTO note VALUES (1, 'd')", "INSERT INTO note VALUES (4, 'e')",
            ])
        #expect(succeeded(results) == [true, true, false, false, true])
        #expect(try await fixture.column("SELECT id FROM note ORDER BY id", Int.self) == [1, 2, 3, 4])
    }

    @Test func `a deferred foreign key fails its caller at the commit, and no other`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        try await fixture.execute(
            "CREATE TABLE tag (note INTEGER REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED)")
        let results = try await together(
            fixture, ["INSERT INTO note VALUES (1, 'a')", "INSERT INTO tag VALUES (9)", "INSERT INTO tag VALUES (1)"])
        #expect(succeeded(results) == [true, false, true])
        #expect(try await fixture.column("SELECT note FROM tag", Int.self) == [1])
    }

    @Test func `a thousand callers write`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<1_000 {
                group.addTask {
                    let rows = try await fixture.all(
                        "INSERT INTO note (title) VALUES (\("note \(index)")) RETURNING id, title", Int.self,
                        String.self)
                    #expect(rows.first?.1 == "note \(index)")
                }
            }
            try await group.waitForAll()
        }
        #expect(try await fixture.count() == 1_000)
    }

    @Test func `rows that RETURNING gives are too many to keep, and come all the same`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        let numbers: SQL = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
        let results = try await together(
            fixture,
            [
                "INSERT INTO note VALUES (9001, 'a')",
                numbers + " INSERT INTO note SELECT i, 'n' || i FROM n RETURNING id",
                "INSERT INTO note VALUES (9002, 'b')",
            ])
        #expect(try results.map { try $0.get().rows } == [1, 5_000, 1])
        #expect(try await fixture.count() == 5_002)
    }

    @Test func `a batch is one transaction`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        await #expect(throws: DatabaseError.self) {
            try await fixture.source.run(batch: [
                BatchStatement("INSERT INTO note VALUES (1, 'a')"), BatchStatement("INSERT INTO note VALUES (1, 'b')"),
            ])
        }
        #expect(try await fixture.count() == 0)
        let ids = CollectingSink(ColumnsReader(Int.self), atMost: 10)
        let changes = try await fixture.source.run(batch: [
            BatchStatement("INSERT INTO note VALUES (1, 'a')"), BatchStatement("SELECT id FROM note", into: ids),
        ])
        #expect(changes.map(\.rows) == [1, 1] && ids.rows == [1])
        let read = CollectingSink(ColumnsReader(Int.self), atMost: 10)
        _ = try await fixture.source.run(batch: [BatchStatement("SELECT 1"), BatchStatement("SELECT 2", into: read)])
        #expect(read.rows == [2])
    }

    @Test func `a file that another program has locked says so, behaviours 17 and 24`() async throws {
        let fixture = try await SQLiteFixture { $0.lockTimeout = .milliseconds(150) }.withNotes()
        try await SQLiteObserver.shared.lock(fixture.path)
        let clock = ContinuousClock()
        let took = await clock.measure {
            await withTaskGroup(of: Void.self) { group in
                for index in 0..<20 {
                    group.addTask {
                        let error = await fixture.failure("INSERT INTO note VALUES (\(index), 'x')")
                        #expect(error?.kind == .timeout)
                        #expect(error?.message.contains("locked by another process") == true)
                    }
                }
            }
        }
        #expect(took < .seconds(2))
        #expect(try await fixture.count() == 0)
        try await SQLiteObserver.shared.unlock(fixture.path)
        try await fixture.execute("INSERT INTO note VALUES (1, 'a')")
    }
}
