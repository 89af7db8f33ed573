import DatabaseTestSupport
import Testing

@testable import GatehouseDatabase

/// Prepared statements, batches and procedures.
struct MySQLPreparedTests {
    private func prepared(_ client: MySQLClient) async throws -> Int {
        Int(try await client.texts("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'")[0][1] ?? "") ?? -1
    }

    @Test func `a statement is prepared once`() async throws {
        try await MySQLClient.use { client in
            _ = try await prepared(client)
            let before = try await prepared(client)
            for value in 0..<5 { #expect(try await client.rows("SELECT \(value)", Int.self) == [value]) }
            #expect(try await prepared(client) == before + 1)
        }
    }

    @Test func `statements are not kept if the settings say so, behaviour 14`() async throws {
        try await MySQLClient.use({ $0.preparedStatements = false }) { client in
            for value in 0..<5 { #expect(try await client.rows("SELECT \(value)", Int.self) == [value]) }
            let open = try await client.texts("SHOW SESSION STATUS LIKE 'Com_stmt_%'")
            let counts = Dictionary(uniqueKeysWithValues: open.map { ($0[0] ?? "", Int($0[1] ?? "") ?? -1) })
            // The statement that asks is prepared and not closed yet.
            #expect(counts["Com_stmt_prepare"] == 6 && counts["Com_stmt_close"] == 5)
            #expect(await client.failure("SELECT x")?.kind == .usage)
            #expect(await client.state == .idle)
        }
    }

    @Test func `statements are closed if there are too many`() async throws {
        try await MySQLClient.use { client in
            for value in 0..<250 {
                #expect(try await client.texts(SQL(unchecked: "SELECT \(value)")) == [["\(value)"]])
            }
            let connection = client.connection as? MySQLConnection
            #expect(await client.onLoop { _ in connection?.statements.count } == MySQLStatements.limit)
            let closed = try await client.texts("SHOW SESSION STATUS LIKE 'Com_stmt_close'")[0][1]
            #expect(closed == "151")
        }
    }

    @Test func `a changed table is noticed, inside of a transaction, too, behaviour 15`() async throws {
        let server = try await MariaDBServer.shared
        try await MySQLClient.withDatabase { name in
            try await MySQLClient.use(server.url(name)) { client in
                try await client.run("CREATE TABLE t (a INT, b INT)")
                try await client.run("INSERT INTO t VALUES (1, 2)")
                let sql: SQL = "SELECT * FROM t WHERE a = \(1)"
                #expect(try await client.texts(sql) == [["1", "2"]])
                _ = try await server.query("ALTER TABLE t ADD COLUMN c INT DEFAULT 3", in: name)
                #expect(try await client.texts(sql) == [["1", "2", "3"]])
                _ = try await server.query("ALTER TABLE t MODIFY b VARCHAR(10)", in: name)
                #expect(try await client.texts(sql) == [["1", "2", "3"]])
                _ = try await server.query("ALTER TABLE t DROP COLUMN b", in: name)
                #expect(try await client.texts(sql) == [["1", "3"]])
                struct Row: Decodable { var z: Int }
                _ = try await server.query("ALTER TABLE t RENAME COLUMN c TO z", in: name)
                for _ in 0..<3 {
                    let sink = CollectingSink(DecodableReader(Row.self), atMost: 10)
                    try await client.run(sql, into: sink)
                    #expect(sink.rows.map(\.z) == [3])
                }
                #expect(await client.state == .idle)
                try await client.run("START TRANSACTION")
                #expect(try await client.texts(sql) == [["1", "3"]])
                // A transaction holds up changes of the tables that it has used, and of no others.
                try await client.run("COMMIT")
                try await client.run("START TRANSACTION")
                _ = try await server.query("ALTER TABLE t ADD COLUMN d INT DEFAULT 4", in: name)
                #expect(try await client.texts(sql) == [["1", "3", "4"]])
                #expect(await client.state == .inTransaction)
                try await client.run("UPDATE t SET d = 5")
                try await client.run("ROLLBACK")
                #expect(try await client.texts(sql) == [["1", "3", "4"]])
            }
        }
    }

    @Test func `INSERT RETURNING after a change says that it was carried out`() async throws {
        let server = try await MariaDBServer.shared
        try await MySQLClient.withDatabase { name in
            try await MySQLClient.use(server.url(name)) { client in
                try await client.run("CREATE TABLE t (a INT)")
                let sql: SQL = "INSERT INTO t (a) VALUES (\(1)) RETURNING *"
                #expect(try await client.texts(sql) == [["1"]])
                _ = try await server.query("ALTER TABLE t ADD COLUMN c INT DEFAULT 3", in: name)
                let error = await client.failure(sql)
                #expect(error?.kind == .other && error?.message.contains("was carried out") == true)
                #expect(await client.state == .idle)
                #expect(try await client.texts(sql) == [["1", "3"]])
                #expect(try await client.texts("SELECT COUNT(*) FROM t") == [["3"]])
            }
        }
    }

    @Test func `a statement that cannot be prepared is sent as it is`() async throws {
        try await MySQLClient.use { client in
            try await client.run("CREATE TABLE t (a INT)")
            try await client.run("LOCK TABLES t WRITE")
            try await client.run("INSERT INTO t VALUES (1)")
            try await client.run("UNLOCK TABLES")
            #expect(try await client.texts("CHECK TABLE t")[0][3] == "OK")
            #expect(try await client.texts("SHOW TABLES") == [["t"]])
        }
    }

    @Test func `a procedure's rows come, and the connection goes on`() async throws {
        try await MySQLClient.use { client in
            try await client.run("CREATE PROCEDURE one(n INT) SELECT n, n + 1")
            try await client.run("CREATE PROCEDURE none(n INT) DO n")
            try await client.run("CREATE PROCEDURE two() BEGIN SELECT 1; SELECT 2; END")
            for value in 0..<3 {
                #expect(try await client.texts("CALL one(\(value))") == [["\(value)", "\(value + 1)"]])
                try await client.run("CALL none(\(value))")
            }
            #expect(try await client.texts("CALL one(7)") == [["7", "8"]])
            #expect(await client.state == .idle)
            #expect(await client.failure("CALL two()")?.kind == .usage)
            #expect(await client.state == .unusable)
        }
    }

    @Test func `a batch is one transaction, and its first error undoes all`() async throws {
        try await MySQLClient.use { client in
            try await client.run("CREATE TABLE t (a INT PRIMARY KEY)")
            let sink = CollectingSink(ColumnsReader(Int.self), atMost: 10)
            let changes = try await client.run(batch: [
                BatchStatement("INSERT INTO t VALUES (\(1)), (\(2))"), BatchStatement("SELECT a FROM t", into: sink),
            ])
            #expect(changes.map(\.rows) == [2, 2] && sink.rows == [1, 2])
            await #expect(throws: DatabaseError.self) {
                try await client.run(batch: [
                    BatchStatement("INSERT INTO t VALUES (3)"), BatchStatement("INSERT INTO t VALUES (1)"),
                ])
            }
            #expect(await client.state == .idle)
            #expect(try await client.texts("SELECT COUNT(*) FROM t") == [["2"]])
            #expect(try await client.run(batch: []).isEmpty)
            try await client.run("START TRANSACTION")
            _ = try await client.run(batch: [BatchStatement("INSERT INTO t VALUES (9)")])
            #expect(await client.state == .inTransaction)
            try await client.run("ROLLBACK")
            #expect(try await client.texts("SELECT COUNT(*) FROM t") == [["2"]])
        }
    }

    @Test func `one statement at a time, behaviour 13`() async throws {
        try await MySQLClient.use { client in
            async let first = client.failure("SELECT SLEEP(100)")
            while await client.state != .busy {}
            #expect(await client.failure("SELECT 1")?.kind == .usage)
            await client.onLoop { $0.cancel() }
            _ = await first
        }
    }
}
