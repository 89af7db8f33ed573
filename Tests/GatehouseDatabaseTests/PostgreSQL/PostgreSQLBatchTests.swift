import DatabaseTestSupport
import GatehouseDatabase
import Testing

struct PostgreSQLBatchTests {
    @Test(arguments: [true, false])
    func `a batch gives each statement's rows and outcome`(prepares: Bool) async throws {
        try await PostgresServer.withSession({ $0.preparedStatements = prepares }) { session, _ in
            for _ in 0..<2 {
                let (result, rows) = await session.batch([
                    "CREATE TABLE note (id int, title text)", "INSERT INTO note VALUES (1, \("a")), (2, \("b"))",
                    "SELECT title FROM note WHERE id = \(1)", "SELECT title FROM note WHERE id = \(2)",
                    "SELECT id FROM note WHERE false", "DROP TABLE note",
                ])
                let counts = try result.get().map(\.rows)
                #expect(counts == [0, 2, 1, 1, 0, 0])
                #expect(rows == [[], [], [["a"]], [["b"]], [], []])
                #expect(await session.state == .idle)
            }
            #expect(await session.batch([]).result == .success([]))
        }
    }

    @Test func `the first error undoes all and says which statement it was`() async throws {
        try await PostgresServer.withSession { session, _ in
            await session.run("CREATE TABLE note (id int PRIMARY KEY)")
            for _ in 0..<2 {
                let (result, _) = await session.batch([
                    "INSERT INTO note VALUES (1)", "INSERT INTO note VALUES (\(1))", "INSERT INTO note VALUES (3)",
                ])
                guard case .failure(let error) = result else { throw Unexpected(description: "\(result)") }
                #expect(error.kind == .unique("note_pkey"))
                #expect(error.message.hasPrefix("statement 2 of 3: "))
                #expect(error.statement == "INSERT INTO note VALUES (?)")
                #expect(await session.rows("SELECT * FROM note") == [])
            }
            // A wrong statement is found when it is prepared.
            let (wrong, _) = await session.batch(["INSERT INTO note VALUES (1)", "SELEC 1"])
            guard case .failure(let error) = wrong else { throw Unexpected(description: "\(wrong)") }
            #expect(error.kind == .usage)
            #expect(error.message.hasPrefix("statement 2 of 2: "))
            #expect(await session.rows("SELECT * FROM note") == [])
        }
    }

    @Test func `a large batch does not stop on a full socket`() async throws {
        try await PostgresServer.withSession { session, _ in
            let text = String(repeating: "x", count: 20_000)
            let (result, rows) = await session.batch((0..<500).map { "SELECT \($0)::int, \(text)::text" })
            #expect(result.isSuccess)
            #expect(rows.map { $0.first?.first } == (0..<500).map { "\($0)" })
            #expect(rows.allSatisfy { $0.first?.last == text })
        }
    }

    @Test func `a batch in a transaction is a part of it`() async throws {
        try await PostgresServer.withSession { session, _ in
            await session.run("CREATE TABLE note (id int)")
            #expect(await session.batch(["BEGIN", "INSERT INTO note VALUES (1)"]).result.isSuccess)
            #expect(await session.state == .inTransaction)
            #expect(await session.batch(["INSERT INTO note VALUES (2)", "SELECT 1"]).result.isSuccess)
            await session.run("ROLLBACK")
            #expect(await session.rows("SELECT * FROM note") == [])
        }
    }

    @Test func `a batch that begins with a stale statement runs again as a whole, behaviour 15`() async throws {
        try await PostgresServer.withSession { session, _ in
            await session.run("CREATE TABLE note (id int)")
            let statements: [SQL] = ["INSERT INTO note VALUES (1)", "SELECT * FROM note"]
            #expect(await session.batch(statements).rows[1] == [["1"]])
            let other = try await session.another()
            await other.run("ALTER TABLE note ADD title text")
            await other.close()
            let (result, rows) = await session.batch(statements)
            #expect(result.isSuccess, "\(result)")
            #expect(rows[1] == [["1", nil], ["1", nil]])
        }
    }
}
