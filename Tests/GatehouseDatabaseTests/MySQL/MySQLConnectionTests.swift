import DatabaseTestSupport
import Testing

@testable import GatehouseDatabase

struct MySQLConnectionTests {
    @Test func `a session has the settings that it should`() async throws {
        try await MySQLClient.use { client in
            let set = try await client.texts(
                """
                SELECT @@time_zone, @@character_set_client, @@character_set_results, @@max_statement_time,
                    @@innodb_lock_wait_timeout, @@idle_transaction_timeout, @@autocommit, @@sql_mode
                """)[0]
            #expect(set.dropLast() == ["+00:00", "utf8mb4", "utf8mb4", "10.0", "3", "15", "1"])
            let modes = try #require(set.last ?? nil)
            #expect(modes.contains("STRICT_TRANS_TABLES") && !modes.contains("ANSI_QUOTES"))
            #expect(await client.state == .idle)
            #expect(await client.isTainted == false)
        }
    }

    @Test func `a password that is wrong and a database that is missing are the operator's, and said`() async throws {
        let server = try await MariaDBServer.shared
        let told = [
            (server.tcpURL("mysql", password: "topsecret"), DatabaseError.Kind.usage, "Access denied"),
            (server.url("missing"), .usage, "missing"),
            ("mysql://u:topsecret@127.0.0.1:1/d", .connectionLost(sent: false), "127.0.0.1:1"),
            ("mysql://u:topsecret@localhost/d?socket=/tmp/none.sock", .connectionLost(sent: false), "/tmp/none.sock"),
        ]
        for (url, kind, text) in told {
            do {
                _ = try await MySQLClient.connect(url)
                Issue.record("\(url) was connected to")
            } catch let error as DatabaseError {
                #expect(error.kind == kind && error.message.contains(text), "\(error)")
                #expect(!"\(error)".contains("topsecret"))
            }
        }
    }

    @Test func `the next host is tried if one is down`() async throws {
        let server = try await MariaDBServer.shared
        try await MySQLClient.withDatabase { name in
            let url = "mysql://gatehouse:secret@127.0.0.1:1,127.0.0.1:\(server.port)/\(name)"
            let rows = try await MySQLClient.use(url) { try await $0.texts("SELECT 1") }
            #expect(rows == [["1"]])
        }
    }

    @Test(arguments: ["preferred", "required", "verify"])
    func `TLS carries statements of all sizes, behaviour 25`(mode: String) async throws {
        let server = try await MariaDBServer.shared
        try await MySQLClient.withDatabase { name in
            let url = server.tcpURL(name, host: "127.0.0.1", options: "tls=\(mode)&tls-ca=\(server.certificate)")
            try await MySQLClient.use(url) { client in
                let version = try await client.texts("SHOW STATUS LIKE 'Ssl_version'")[0][1]
                #expect(version?.hasPrefix("TLS") == true)
                let text = String(repeating: "x", count: 3_000_000)
                #expect(try await client.rows("SELECT \(text)", String.self) == [text])
                #expect(try await client.run("SELECT REPEAT('y', 1000) FROM seq_1_to_20000").rows == 20_000)
            }
        }
    }

    @Test func `a certificate that nobody vouches for is refused, and no TLS is none`() async throws {
        let server = try await MariaDBServer.shared
        try await MySQLClient.withDatabase { name in
            await #expect(throws: DatabaseError.self) {
                _ = try await MySQLClient.connect(server.tcpURL(name, options: "tls=verify"))
            }
            let version = try await MySQLClient.use(server.tcpURL(name, options: "tls=off")) { client in
                try await client.texts("SHOW STATUS LIKE 'Ssl_version'")[0][1]
            }
            #expect(version == "")
        }
    }

    @Test func `a cancelled statement ends on the server, and its connection is not used again, behaviour 9`()
        async throws
    {
        try await MySQLClient.use({ $0.statementTimeout = .zero }) { client in
            async let error = client.failure("SELECT COUNT(*) FROM seq_1_to_1000000000 WHERE seq % 7 = 3")
            while await client.state != .busy {}
            await client.onLoop { $0.cancel() }
            #expect(await error?.kind == .cancelled)
            #expect(await client.state == .unusable)
            #expect(await client.failure("SELECT 1")?.kind == .cancelled)
        }
    }

    /// A statement that takes a minute, with `limit` 0 no time.
    private static func slow(_ limit: Int) -> SQL {
        "SELECT COUNT(*) FROM seq_1_to_1000000000 WHERE seq % 7 = 3 AND seq < \(limit)"
    }

    @Test func `a statement that is cancelled at any time ends, behaviour 8`() async throws {
        for turns in 0..<20 {
            try await MySQLClient.use({ $0.statementTimeout = .zero }) { client in
                try await client.run(Self.slow(0))
                async let error = client.failure(Self.slow(.max))
                while await client.state != .busy {}
                // So many turns of the loop later the server may or may not have seen the statement.
                for _ in 0..<turns { _ = await client.state }
                await client.onLoop { $0.cancel() }
                #expect(await error?.kind == .cancelled)
                #expect(await client.state == .unusable)
            }
        }
    }

    @Test func `a paused statement is cancelled at once`() async throws {
        try await MySQLClient.use { client in
            let sink = CountingSink { _ in .pause }
            async let error = client.failure("SELECT * FROM seq_1_to_1000000", into: sink)
            await sink.has(1)
            await client.onLoop { $0.cancel() }
            #expect(await error?.kind == .cancelled)
            #expect(await client.state == .unusable)
        }
    }

    @Test func `a connection that is closed while a statement runs says that it was sent, behaviour 6`() async throws {
        try await MySQLClient.use { client in
            // Prepared before, so that it is executed as soon as the connection is busy.
            try await client.run("SELECT SLEEP(\(0))")
            async let error = client.failure("SELECT SLEEP(\(100))")
            while await client.state != .busy {}
            await client.onLoop { $0.close() }
            #expect(await error?.kind == .connectionLost(sent: true))
            #expect(await client.failure("SELECT 1")?.kind == .connectionLost(sent: false))
        }
    }

    @Test func `an idle connection that the server closes is heard at once, behaviour 5`() async throws {
        let server = try await MariaDBServer.shared
        try await MySQLClient.use { client in
            let name = try await client.texts("SELECT CONNECTION_ID()")[0][0] ?? ""
            let losses = await client.losses()
            #expect(await client.state == .idle)
            _ = try await server.query("KILL \(name)")
            for await _ in losses {}
            #expect(await client.state == .unusable)
            let error = await client.failure("SELECT 1")
            #expect(error?.kind == .connectionLost(sent: false))
            #expect(error?.message.contains("closed the connection") == true)
        }
    }

    @Test func `a transaction that is idle for too long is ended by the server, behaviour 17`() async throws {
        try await MySQLClient.use({ $0.idleTransactionTimeout = .seconds(1) }) { client in
            let losses = await client.losses()
            try await client.run("START TRANSACTION")
            for await _ in losses {}
            let error = await client.failure("SELECT 1")
            #expect(error?.kind == .timeout && error?.message.contains("idle-transaction-timeout") == true)
        }
    }

    @Test func `a connection that is lost while a statement runs says that it was sent, behaviour 6`() async throws {
        let server = try await MariaDBServer.shared
        try await MySQLClient.use { client in
            let name = try await client.texts("SELECT CONNECTION_ID()")[0][0] ?? ""
            async let error = client.failure("SELECT SLEEP(100)")
            var isRunning = false
            while !isRunning {
                isRunning = try await !server.query(
                    "SELECT 1 FROM information_schema.processlist WHERE id = \(name) AND info LIKE '%SLEEP(100)%'"
                ).isEmpty
            }
            _ = try await server.query("KILL \(name)")
            #expect(await error?.kind == .connectionLost(sent: true))
            #expect(await client.state == .unusable)
        }
    }

    @Test func `what a statement leaves in the session is known, behaviour 16`() async throws {
        try await MySQLClient.use { client in
            try await client.run("CREATE TABLE t (a INT)")
            try await client.run("START TRANSACTION")
            try await client.run("COMMIT")
            #expect(await client.isTainted == false)
            try await client.run("CREATE TEMPORARY TABLE u (a INT)")
            #expect(await client.isTainted)
        }
    }
}
