import DatabaseTestSupport
import GatehouseDatabase
import Testing

struct PostgreSQLErrorTests {
    @Test func `errors of the server have a kind, a code and the statement, and no value`() async throws {
        try await PostgresServer.withSession { session, _ in
            await session.run("CREATE TABLE tag (id int PRIMARY KEY)")
            await session.run(
                """
                CREATE TABLE note (id int PRIMARY KEY, title text NOT NULL, stars int CONSTRAINT few CHECK (stars < 6),
                  tag int CONSTRAINT known REFERENCES tag, CONSTRAINT one_title UNIQUE (title))
                """)
            await session.run("INSERT INTO note VALUES (1, 'a', 1, NULL)")
            let secret = "s3cret"
            let expected: [(SQL, DatabaseError.Kind, String)] = [
                ("INSERT INTO note VALUES (1, \(secret))", .unique("note_pkey"), "23505"),
                ("INSERT INTO note VALUES (2, 'a')", .unique("one_title"), "23505"),
                ("INSERT INTO note VALUES (2, \(nil as String?))", .notNull("title"), "23502"),
                ("INSERT INTO note VALUES (2, \(secret), 9)", .check("few"), "23514"),
                ("INSERT INTO note VALUES (2, \(secret), 1, 7)", .foreignKey("known"), "23503"),
                ("SELECT \(secret)::int", .data, "22P02"),
                ("SELECT 1 / \(0)::int", .data, "22012"),
                ("SELECT * FROM nothing", .usage, "42P01"),
                ("SELECT nothing(\(secret))", .usage, "42883"),
            ]
            for (sql, kind, code) in expected {
                let error = try await session.failure(sql)
                #expect(error.kind == kind, "\(error)")
                #expect(error.sqlState == code)
                #expect(error.statement == sql.written)
                #expect(!"\(error)".contains(secret))
                #expect(await session.state == .idle)
            }
        }
    }

    @Test func `limits of a statement, a lock and an idle transaction are ordinary errors, behaviour 17`() async throws
    {
        try await PostgresServer.withSession({
            $0.statementTimeout = .milliseconds(300)
            $0.lockTimeout = .milliseconds(100)
            $0.idleTransactionTimeout = .milliseconds(200)
        }) { session, _ in
            let slow = try await session.failure("SELECT pg_sleep(30)")
            #expect(slow.kind == .timeout)
            #expect(slow.sqlState == "57014")
            #expect(await session.state == .idle)

            await session.run("CREATE TABLE note (id int)")
            let other = try await session.another()
            await other.run("BEGIN")
            await other.run("LOCK TABLE note")
            let locked = try await session.failure("SELECT * FROM note")
            #expect(locked.kind == .timeout)
            #expect(locked.sqlState == "55P03")
            #expect(await session.state == .idle)
            // Nobody ends the other's transaction, so that the server does.
            await other.lost()
            #expect(await other.state == .unusable)
            let error1 = try await other.failure("COMMIT")
            #expect(error1.kind == .connectionLost(sent: false))
        }
    }

    @Test func `two that wait for each other, and two that meet, have kinds of their own`() async throws {
        try await PostgresServer.withSession { session, _ in
            await session.run("CREATE TABLE note (id int, n int)")
            await session.run("INSERT INTO note VALUES (1, 0), (2, 0)")
            let other = try await session.another()
            for (one, id) in [(session, 1), (other, 2)] {
                await one.run("BEGIN")
                await one.run("UPDATE note SET n = n + 1 WHERE id = \(id)")
            }
            async let first = session.run("UPDATE note SET n = n + 1 WHERE id = \(2)")
            async let second = other.run("UPDATE note SET n = n + 1 WHERE id = \(1)")
            let kinds = await [first, second].compactMap { result -> DatabaseError.Kind? in
                if case .failure(let error) = result { error.kind } else { nil }
            }
            #expect(kinds == [.deadlock])
            for one in [session, other] { await one.run("ROLLBACK") }

            await session.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
            await session.run("SELECT * FROM note")
            await other.run("UPDATE note SET n = 5")
            let error2 = try await session.failure("UPDATE note SET n = 6")
            #expect(error2.kind == .serialization)
            #expect(await session.state == .inFailedTransaction)
            await other.close()
        }
    }

    @Test func `the state is the server's own word, behaviour 8`() async throws {
        try await PostgresServer.withSession { session, _ in
            #expect(await session.state == .idle)
            await session.run("BEGIN")
            #expect(await session.state == .inTransaction)
            _ = try await session.failure("SELECT 1 / \(0)::int")
            #expect(await session.state == .inFailedTransaction)
            // Behaviour 10: the server answers this COMMIT with a rollback, and the state says that it is over.
            #expect(await session.run("COMMIT") == .success(Changes()))
            #expect(await session.state == .idle)
            let state = await session.onLoop { connection in
                connection.start("SELECT 1", into: nil) { _ in }
                return connection.state
            }
            #expect(state == .busy)
        }
    }

    @Test func `notices go to the log and not to standard error, behaviour 25`() async throws {
        try await PostgresServer.withSession { session, _ in
            await session.run("CREATE TABLE IF NOT EXISTS note (id int)")
            await session.run("CREATE TABLE IF NOT EXISTS note (id int)")
            await session.run("DO $$ BEGIN RAISE WARNING 'watch out'; RAISE INFO 'fine'; END $$")
            #expect(
                session.log.lines == [
                    #"notice PostgreSQL: relation "note" already exists, skipping"#, "warning PostgreSQL: watch out",
                    "info PostgreSQL: fine",
                ])
        }
    }

    @Test func `what a statement does to the session is seen in its text, behaviour 16`() async throws {
        let tainting: [SQL] = [
            "SET statement_timeout = 1000", "-- a\n/* b */ set session work_mem = '4MB'", "RESET work_mem", "LISTEN x",
            "SELECT set_config('work_mem', \("4MB"), false)", "SELECT pg_advisory_lock(\(1)::bigint)",
            "SELECT pg_try_advisory_lock_shared(\(1)::bigint)", "CREATE TEMP TABLE a (b int)",
            "CREATE OR REPLACE TEMPORARY VIEW a AS SELECT 1", "SELECT 1 AS a INTO TEMPORARY b",
            "CREATE TABLE pg_temp.a (b int)", "PREPARE a AS SELECT 1", "DISCARD PLANS", "DO $$ BEGIN END $$",
        ]
        let harmless: [SQL] = [
            "SELECT 1", "SET LOCAL work_mem = '4MB'", "SELECT set_config('work_mem', \("4MB"), true)",
            "SELECT pg_advisory_xact_lock(\(1)::bigint)", "SELECT temp FROM (SELECT 1 AS temp) listen",
            "SET TRANSACTION READ ONLY", "UPDATE pg_class SET relname = relname WHERE false", "BEGIN", "ROLLBACK",
        ]
        try await PostgresServer.withSession { session, _ in
            for sql in harmless {
                await session.run(sql)
                #expect(!(await session.isTainted), "\(sql)")
            }
            for sql in tainting {
                let fresh = try await session.another()
                #expect(await fresh.run(sql).isSuccess, "\(sql)")
                #expect(await fresh.isTainted, "\(sql)")
                await fresh.close()
            }
        }
    }
}

extension Result {
    var isSuccess: Bool { if case .success = self { true } else { false } }
}
