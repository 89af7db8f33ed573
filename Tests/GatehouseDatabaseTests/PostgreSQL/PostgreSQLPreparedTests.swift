import DatabaseTestSupport
import GatehouseDatabase
import Testing

struct PostgreSQLPreparedTests {
    private func prepared(_ session: PostgreSQLTestSession) async -> String? {
        // Not one of its own list, because it is prepared by it.
        await session.rows("SELECT count(*) - 1 FROM pg_prepared_statements")[0][0]
    }

    @Test func `a statement is prepared once`() async throws {
        try await PostgresServer.withSession { session, _ in
            #expect(await prepared(session) == "0")
            for number in 1...5 { #expect(await session.rows("SELECT \(number)::int") == [["\(number)"]]) }
            #expect(await prepared(session) == "1")
        }
    }

    @Test func `preparing can be switched off, behaviour 14`() async throws {
        try await PostgresServer.withSession({ $0.preparedStatements = false }) { session, _ in
            for number in 1...5 { #expect(await session.rows("SELECT \(number)::int") == [["\(number)"]]) }
            #expect(await session.rows("SELECT count(*) FROM pg_prepared_statements") == [["0"]])
            // The names of the columns are those of this time.
            #expect(await session.rows("SELECT 1 AS a") == [["1"]])
            await session.run("CREATE TABLE note (a int)")
            await session.run("INSERT INTO note VALUES (1)")
            let names = ColumnNameSink()
            _ = await session.run("SELECT * FROM note", into: names)
            await session.run("ALTER TABLE note RENAME a TO b")
            _ = await session.run("SELECT * FROM note", into: names)
            #expect(names.names == [["a"], ["b"]])
        }
    }

    @Test func `the least recently used statements are removed from the server`() async throws {
        try await PostgresServer.withSession { session, _ in
            for number in 0..<400 {
                #expect(await session.rows(SQL(unchecked: "SELECT \(number)")) == [["\(number)"]])
                if number % 50 == 0 { #expect(await session.rows("SELECT 'kept'") == [["kept"]]) }
            }
            let count = await prepared(session).flatMap { Int($0) } ?? 0
            #expect((250...257).contains(count), "\(count)")
            #expect(
                await session.rows("SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT ''kept'''")
                    == [
                        ["1"]
                    ])
            // In a failed transaction nothing can be removed, and the end of it works.
            await session.run("BEGIN")
            _ = try await session.failure("SELECT 1 / \(0)::int")
            for number in 400..<420 { _ = try await session.failure(SQL(unchecked: "SELECT \(number)")) }
            #expect(await session.run("ROLLBACK").isSuccess)
            #expect(await session.run("VACUUM").isSuccess)
            #expect(await session.state == .idle)
        }
    }

    @Test func `a removal that fails harms no transaction and is not tried in one`() async throws {
        try await PostgresServer.withSession { session, _ in
            for number in 0..<300 { await session.run(SQL(unchecked: "SELECT \(number)")) }
            // The server has none of the statements that will be removed.
            await session.run("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
            #expect(await session.run("BEGIN").isSuccess)
            await session.run("CREATE TABLE note (id int)")
            for number in 300..<330 {
                #expect(await session.rows(SQL(unchecked: "SELECT \(number)")) == [["\(number)"]])
            }
            #expect(await session.state == .inTransaction)
            #expect(await session.run("COMMIT").isSuccess)
            // Removed before a known statement, a new one and a batch, whose rows still come one by one.
            let sink = CountingSink { _ in .pause }
            async let paused = session.run("SELECT n FROM generate_series(1, 3) n", into: sink)
            for step in 1...3 {
                await sink.has(step)
                #expect(sink.count == step)
                await session.onLoop { $0.resume() }
            }
            #expect(await paused.isSuccess)
            #expect(await session.batch(["SELECT 1", "SELECT 2"]).rows == [[["1"]], [["2"]]])
            #expect(await session.state == .idle)
        }
    }

    @Test func `a changed table is noticed and the statement runs again, behaviour 15`() async throws {
        try await PostgresServer.withSession { session, _ in
            await session.run("CREATE TABLE note (id int)")
            await session.run("INSERT INTO note VALUES (1)")
            #expect(await session.rows("SELECT * FROM note") == [["1"]])
            let other = try await session.another()
            await other.run("ALTER TABLE note ADD title text DEFAULT 'x'")
            #expect(await session.rows("SELECT * FROM note") == [["1", "x"]])
            await other.run("ALTER TABLE note ALTER id TYPE text")
            #expect(await session.rows("SELECT * FROM note") == [["1", "x"]])

            // Inside of a transaction it is an error, and the next one is well.
            await session.run("BEGIN")
            await other.run("ALTER TABLE note ADD more int")
            let error = try await session.failure("SELECT * FROM note")
            #expect(error.sqlState == "0A000")
            await session.run("ROLLBACK")
            #expect(await session.rows("SELECT * FROM note") == [["1", "x", nil]])
            await other.close()
        }
    }

    @Test func `a statement that the server has lost is prepared again, behaviour 14`() async throws {
        try await PostgresServer.withSession { session, _ in
            #expect(await session.rows("SELECT 'a'") == [["a"]])
            // As a pooler does it: behind the connection's back.
            #expect(await session.run("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$").isSuccess)
            #expect(await session.rows("SELECT 'a'") == [["a"]])
            #expect(session.log.lines.count == 1)
            #expect(session.log.lines.first?.contains("prepared statements do not last") == true)
            #expect(await session.rows("SELECT 'b'") == [["b"]])
            #expect(await session.rows("SELECT count(*) FROM pg_prepared_statements") == [["0"]])
        }
    }

    @Test func `statements that the module itself deallocates are no reason to stop preparing`() async throws {
        try await PostgresServer.withSession { session, _ in
            #expect(await session.rows("SELECT 'a'") == [["a"]])
            #expect(await session.run("DEALLOCATE ALL").isSuccess)
            #expect(await session.isTainted)
            #expect(await session.rows("SELECT 'a'") == [["a"]])
            #expect(session.log.lines == [])
        }
    }

    @Test func `many callers behind pgbouncer in transaction mode, behaviour 14`() async throws {
        let server = try await PostgresServer.shared
        let bouncer = try await PgBouncer.start(to: server)
        try await server.withDatabase { name in
            let first = try await PostgreSQLTestSession.connect(bouncer.url(name))
            let second = try await first.another()
            let third = try await first.another()
            async let one: Void = useMuch(first)
            async let two: Void = useMuch(second)
            async let three: Void = useMuch(third)
            _ = await (one, two, three)
            let warnings = first.log.lines.filter { $0.hasPrefix("warning") }
            #expect(warnings.count { $0.contains("prepared statements do not last") } <= 1)
            #expect(warnings.count { $0.contains("takes no parameters") } == 1)
            // Behaviour 16: what one client's settings are is not the others'.
            #expect(await first.rows("SHOW statement_timeout") == [["0"]])
            for session in [first, second, third] { await session.close() }
        }
        withExtendedLifetime(bouncer) {}
    }

    private func useMuch(_ session: PostgreSQLTestSession) async {
        for number in 1...100 {
            let rows = await session.rows("SELECT \(number)::int, current_setting('TimeZone')")
            #expect(rows == [["\(number)", "UTC"]])
            let texts = await session.rows("SELECT \("x")::text")
            #expect(texts == [["x"]])
        }
    }
}

/// Remembers the names of the columns.
private final class ColumnNameSink: RowSink, @unchecked Sendable {
    private(set) var names: [[String]] = []

    func take(_ row: ResultRow) throws(DatabaseError) -> RowDemand {
        names.append(row.columns.names)
        return .more
    }
}
