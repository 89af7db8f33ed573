import DatabaseTestSupport
import Glibc
import Testing

/// Servers that the tests of the data layer start themselves.
struct ServerTests {
    @Test func `PostgreSQL gives a test a database of its own, and a second opinion`() async throws {
        try await PostgresServer.shared.withDatabase { name in
            let server = try await PostgresServer.shared
            _ = try await server.query("CREATE TABLE t AS SELECT 1 AS a, NULL AS b", in: name)
            #expect(try await server.query("SELECT a, b, '' FROM t", in: name) == [["1", nil, ""]])
            #expect(try await server.query("SHOW timezone", in: name) == [["America/New_York"]])
        }
    }

    @Test func `PostgreSQL comes back at the same address after each kind of end`() async throws {
        let server = try await PostgresServer.start(["max_connections": "12"])
        let url = server.url("postgres")
        try await server.kill()
        await #expect(throws: ServerError.self) { _ = try await server.query("SELECT 1") }
        try await server.start()
        try await server.restart()
        #expect(try await server.query("SHOW max_connections") == [["12"]])
        #expect(server.url("postgres") == url)
    }

    @Test func `MariaDB gives a test a database of its own, and comes back after an end`() async throws {
        let server = try await MariaDBServer.start()
        try await server.withDatabase { name in
            _ = try await server.query(
                "CREATE TABLE t (a INT); INSERT INTO t VALUES (NULL), (3)", in: name, user: "gatehouse")
            try await server.kill()
            try await server.start()
            #expect(try await server.query("SELECT a FROM t ORDER BY a", in: name) == [[nil], ["3"]])
        }
    }

    @Test func `pgbouncer starts before PostgreSQL`() async throws {
        let server = try await PostgresServer.shared
        let bouncer = try await PgBouncer.start(to: server)
        #expect(try await bouncer.log().contains("process up"))
        try await bouncer.restart()
    }

    @Test func `a statement that the server refuses is an error with the server's text`() async throws {
        let server = try await PostgresServer.shared
        let error = await #expect(throws: ServerError.self) { _ = try await server.query("SELEC 1") }
        #expect(error?.description.contains("syntax error") == true)
    }
}
