import DatabaseTestSupport
import GatehouseDatabase
import GatehouseServer
import Testing

/// Rows that a sink does not want, or refuses, and the statements around them.
struct PostgreSQLRefusalTests {
    private static let big: SQL = "SELECT n, repeat('x', 1000) FROM generate_series(1, 5000) n"

    @Test(arguments: [true, false])
    func `a batch goes on after a result of which only the beginning is wanted`(stops: Bool) async throws {
        try await PostgresServer.withSession { session, database in
            await session.run("CREATE TABLE note (id int)")
            for _ in 0..<2 {
                let first = TextRows { _ in stops ? .stop : .more }
                let all = TextRows()
                let reads = [BatchStatement(Self.big, into: first), BatchStatement("SELECT 7", into: all)]
                #expect(await session.run(batch: reads).isSuccess)
                #expect(all.rows == [["7"]])
                let writes = [
                    BatchStatement(Self.big, into: TextRows { _ in stops ? .stop : .more }),
                    BatchStatement("INSERT INTO note VALUES (1)"), BatchStatement("SELECT 8", into: all),
                ]
                #expect(await session.run(batch: writes).isSuccess)
                #expect(all.rows == [["7"], ["8"]])
                #expect(await session.state == .idle)
            }
            let server = try await PostgresServer.shared
            #expect(try await server.query("SELECT count(*) FROM note", in: database) == [["2"]])
        }
    }

    @Test func `a refused row undoes the whole batch`() async throws {
        let server = try await PostgresServer.shared
        try await PostgresServer.withSession { session, database in
            await session.run("CREATE TABLE note (id int)")
            for isKnown in [false, true] {
                let own = isKnown ? session : try await session.another()
                let refusing = TextRows { (_) throws(DatabaseError) in throw DatabaseError(.data, "unreadable") }
                let result = await own.run(batch: [
                    BatchStatement("INSERT INTO note VALUES (1)"), BatchStatement("SELECT 1", into: refusing),
                    BatchStatement("INSERT INTO note VALUES (2)"),
                ])
                guard case .failure(let error) = result else { throw Unexpected(description: "\(result)") }
                #expect(error.kind == .data)
                #expect(error.message == "statement 2 of 3: unreadable")
                #expect(await own.state == .unusable)
                await own.close()
                try await PostgreSQLStreamTests.noneIsActive(in: database)
                #expect(try await server.query("SELECT count(*) FROM note", in: database) == [["0"]])
            }
        }
    }

    @Test func `a batch of one statement that writes is undone by a refused row`() async throws {
        let server = try await PostgresServer.shared
        try await PostgresServer.withSession { session, database in
            await session.run("CREATE TABLE note (id int)")
            let refusing = TextRows { (_) throws(DatabaseError) in throw DatabaseError(.tooManyRows, "enough") }
            let insert = BatchStatement("INSERT INTO note VALUES (1) RETURNING id", into: refusing)
            guard case .failure(let error) = await session.run(batch: [insert]) else {
                throw Unexpected(description: "no error")
            }
            #expect(error.kind == .tooManyRows)
            try await PostgreSQLStreamTests.noneIsActive(in: database)
            #expect(try await server.query("SELECT count(*) FROM note", in: database) == [["0"]])
        }
    }

    @Test func `an error of the server in a batch with results keeps the connection`() async throws {
        try await PostgresServer.withSession { session, _ in
            await session.run("CREATE TABLE note (id int PRIMARY KEY)")
            for _ in 0..<2 {
                let (result, _) = await session.batch([
                    "INSERT INTO note VALUES (1)", "SELECT 1", "INSERT INTO note VALUES (1)", "SELECT 2",
                ])
                guard case .failure(let error) = result else { throw Unexpected(description: "\(result)") }
                #expect(error.kind == .unique("note_pkey"))
                #expect(await session.state == .idle)
                #expect(await session.rows("SELECT * FROM note") == [])
            }
        }
    }

    @Test func `a batch whose caller gives up while it runs is not committed`() async throws {
        let server = try await PostgresServer.shared
        try await PostgresServer.withSession { session, database in
            await session.run("CREATE TABLE note (id int)")
            let pausing = CountingSink { _ in .pause }
            async let result = session.run(batch: [
                BatchStatement("INSERT INTO note VALUES (1)"), BatchStatement("SELECT 1", into: pausing),
            ])
            await pausing.has(1)
            await session.onLoop { $0.cancel() }
            guard case .failure(let error) = await result else { throw Unexpected(description: "no error") }
            #expect(error.kind == .cancelled)
            try await PostgreSQLStreamTests.noneIsActive(in: database)
            #expect(try await server.query("SELECT count(*) FROM note", in: database) == [["0"]])
        }
    }

    @Test(arguments: [
        "INSERT INTO note SELECT n, repeat('y', 1000) FROM generate_series(1, 5000) n RETURNING *",
        "UPDATE note SET title = repeat('x', 1000) RETURNING *",
        "WITH gone AS (DELETE FROM note RETURNING *) SELECT * FROM gone",
    ])
    func `a statement that writes is carried out although its rows are left`(text: String) async throws {
        let server = try await PostgresServer.shared
        try await PostgresServer.withSession { session, database in
            await session.run("CREATE TABLE note (id int, title text)")
            await session.run("INSERT INTO note SELECT n, repeat('a', 1000) FROM generate_series(1, 5000) n")
            let sink = CountingSink { $0 == 2 ? .stop : .more }
            #expect(await session.run(SQL(unchecked: text), into: sink) == .success(Changes(rows: 5_000)))
            #expect(sink.count == 2)
            #expect(await session.state == .idle)
            let untouched = "SELECT count(*) FROM note WHERE title LIKE 'a%'"
            let total = try await server.query("SELECT count(*) FROM note", in: database)
            let old = try await server.query(untouched, in: database)
            switch text.prefix(4) {
            case "INSE": #expect(total == [["10000"]])
            case "UPDA": #expect(old == [["0"]])
            default: #expect(total == [["0"]])
            }
        }
    }

    @Test func `first in a batch reads to the end and takes the first row`() async throws {
        let sink = FirstSink(DecodableReader(Int.self), stops: false)
        try await PostgresServer.withSession { session, _ in
            let all = TextRows()
            let batch = [
                BatchStatement("SELECT n FROM generate_series(1, 300000) n", into: sink),
                BatchStatement("SELECT 5", into: all),
            ]
            #expect(await session.run(batch: batch).isSuccess)
            #expect(sink.row == 1)
            #expect(all.rows == [["5"]])
        }
    }
}
