import DatabaseTestSupport
import Testing

@testable import GatehouseDatabase

struct MySQLErrorTests {
    @Test func `broken constraints are kinds with names, and no values`() async throws {
        try await MySQLClient.use { client in
            try await client.run(
                "CREATE TABLE p (id INT PRIMARY KEY, n INT NOT NULL, CONSTRAINT positive CHECK (n > 0))")
            try await client.run("CREATE TABLE c (p INT, CONSTRAINT c_p FOREIGN KEY (p) REFERENCES p (id))")
            try await client.run("INSERT INTO p VALUES (4711, 1)")
            let told: [(SQL, DatabaseError.Kind)] = [
                ("INSERT INTO p VALUES (\(4711), 1)", .unique("PRIMARY")),
                ("INSERT INTO c VALUES (\(5))", .foreignKey("c_p")),
                ("INSERT INTO p VALUES (1, NULL)", .notNull("n")), ("INSERT INTO p (id) VALUES (1)", .notNull("n")),
                ("INSERT INTO p VALUES (1, -1)", .check("positive")), ("SELEC 1", .usage), ("SELECT x FROM p", .usage),
                ("SELECT * FROM missing", .usage), ("", .usage),
                ("SELECT 1; SELECT 2", .usage), ("INSERT INTO p VALUES (1, 1 / 0)", .data),
            ]
            for (sql, kind) in told {
                let error = await client.failure(sql)
                #expect(error?.kind == kind, "\(sql): \(String(describing: error))")
                #expect(error?.sqlState?.count == 5 && error?.statement == sql.written)
                #expect(error.map { !$0.message.contains("4711") } == true)
                #expect(await client.state == .idle)
            }
            try await client.run("INSERT INTO c VALUES (4711)")
            #expect(await client.failure("DELETE FROM p")?.kind == .foreignKey("c_p"))
        }
    }

    @Test func `a placeholder that nobody has bound is an error, and so is a value between quotes`() async throws {
        try await MySQLClient.use { client in
            let missing = await client.failure("SELECT ?")
            #expect(missing?.kind == .usage && missing?.message.contains("placeholders") == true)
            #expect(await client.failure("SELECT '\(1)'")?.kind == .usage)
            let mark = try await client.texts("SELECT '?'")
            #expect(mark == [["?"]])
        }
    }

    @Test func `a statement that takes too long is a timeout, and the connection goes on, behaviour 17`() async throws {
        try await MySQLClient.use({ $0.statementTimeout = .milliseconds(100) }) { client in
            let error = await client.failure("SELECT COUNT(*) FROM seq_1_to_1000000000 WHERE seq % 7 = 3")
            #expect(error?.kind == .timeout && error?.sqlState == "70100")
            let next = try await client.texts("SELECT 1")
            #expect(next == [["1"]])
            #expect(await client.state == .idle)
        }
    }

    @Test func `a lock that is not had is a timeout of the statement alone, behaviour 17`() async throws {
        let server = try await MariaDBServer.shared
        try await MySQLClient.withDatabase { name in
            try await MySQLClient.use(server.url(name), { $0.lockTimeout = .seconds(1) }) { one in
                try await MySQLClient.use(server.url(name), { $0.lockTimeout = .seconds(1) }) { two in
                    try await one.run("CREATE TABLE t (id INT PRIMARY KEY, v INT)")
                    try await one.run("INSERT INTO t VALUES (1, 1), (2, 1)")
                    try await one.run("START TRANSACTION")
                    try await one.run("UPDATE t SET v = 2 WHERE id = 1")
                    try await two.run("START TRANSACTION")
                    try await two.run("UPDATE t SET v = 3 WHERE id = 2")
                    #expect(await two.failure("UPDATE t SET v = 3 WHERE id = 1")?.kind == .timeout)
                    #expect(await two.state == .inTransaction)
                    try await one.run("COMMIT")
                    try await two.run("COMMIT")
                    #expect(try await one.texts("SELECT v FROM t ORDER BY id") == [["2"], ["3"]])
                }
            }
        }
    }

    @Test func `a deadlock undoes the whole transaction, and the state says so, behaviour 10`() async throws {
        let server = try await MariaDBServer.shared
        try await MySQLClient.withDatabase { name in
            try await MySQLClient.use(server.url(name)) { one in
                try await MySQLClient.use(server.url(name)) { two in
                    try await one.run("CREATE TABLE t (id INT PRIMARY KEY, v INT)")
                    try await one.run("INSERT INTO t VALUES (1, 1), (2, 1)")
                    for (client, id) in [(one, 1), (two, 2)] {
                        try await client.run("START TRANSACTION")
                        try await client.run("UPDATE t SET v = 5 WHERE id = \(id)")
                    }
                    async let first = one.failure("UPDATE t SET v = 6 WHERE id = 2")
                    async let second = two.failure("UPDATE t SET v = 6 WHERE id = 1")
                    let errors = await [first, second]
                    #expect(errors.compactMap { $0?.kind } == [.deadlock])
                    let states = await [one.state, two.state]
                    #expect(
                        states.filter { $0 == .idle }.count == 1 && states.filter { $0 == .inTransaction }.count == 1)
                    #expect((errors[0] == nil) == (states[0] == .inTransaction))
                }
            }
        }
    }

    @Test func `a failed statement leaves its transaction open, behaviour 10`() async throws {
        try await MySQLClient.use { client in
            try await client.run("CREATE TABLE t (id INT PRIMARY KEY)")
            try await client.run("START TRANSACTION")
            #expect(await client.state == .inTransaction)
            try await client.run("INSERT INTO t VALUES (1)")
            #expect(await client.failure("INSERT INTO t VALUES (1)")?.kind == .unique("PRIMARY"))
            #expect(await client.failure("SELECT nothing FROM t")?.kind == .usage)
            #expect(await client.state == .inTransaction)
            try await client.run("ROLLBACK")
            #expect(await client.state == .idle)
            #expect(try await client.texts("SELECT * FROM t").isEmpty)
        }
    }

    @Test func `DDL ends a transaction, and the state says so`() async throws {
        try await MySQLClient.use { client in
            try await client.run("START TRANSACTION")
            try await client.run("CREATE TABLE t (id INT)")
            #expect(await client.state == .idle)
        }
    }

    @Test func `savepoints undo a part, behaviour 11`() async throws {
        try await MySQLClient.use { client in
            try await client.run("CREATE TABLE t (id INT PRIMARY KEY)")
            try await client.run("START TRANSACTION")
            try await client.run("INSERT INTO t VALUES (1)")
            try await client.run("SAVEPOINT a")
            try await client.run("INSERT INTO t VALUES (2)")
            #expect(await client.failure("INSERT INTO t VALUES (2)") != nil)
            try await client.run("ROLLBACK TO SAVEPOINT a")
            try await client.run("RELEASE SAVEPOINT a")
            try await client.run("INSERT INTO t VALUES (3)")
            try await client.run("COMMIT")
            #expect(try await client.texts("SELECT id FROM t") == [["1"], ["3"]])
        }
    }
}
