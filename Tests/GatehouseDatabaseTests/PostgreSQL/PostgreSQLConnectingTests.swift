import DatabaseTestSupport
import GatehouseDatabase
import Testing

struct PostgreSQLConnectingTests {
    private func refusal(
        _ url: String, _ change: (inout DatabaseSettings) -> Void = { _ in }
    ) async throws -> DatabaseError {
        do {
            let session = try await PostgreSQLTestSession.connect(url, change)
            await session.close()
        } catch let error as DatabaseError {
            return error
        }
        throw Unexpected(description: "\(url) connects")
    }

    @Test func `passwords are in no message`() async throws {
        let malformed = [
            "postgres://u:s3cret/x@host/db", "postgres://u:s3cr%zzet@host/db", "postgres://u:s3cret@[::1/db",
            "postgres://u:12s3cret@host:12s3cret/db",
        ]
        for url in malformed {
            let error = try await refusal(url)
            #expect(!"\(error)".contains("s3cr"), "\(error)")
        }
        let server = try await PostgresServer.shared
        let wrong = try await refusal(server.tcpURL("postgres", password: "s3cret"))
        #expect(wrong.kind == .connectionLost(sent: false))
        #expect(wrong.sqlState == "28P01")
        #expect(wrong.message.contains("password authentication failed"))
        #expect(!"\(wrong)".contains("s3cret"))
        #expect(!"\(wrong)".contains("LOCATION"))
    }

    @Test func `a database or a server that is not there is said`() async throws {
        let server = try await PostgresServer.shared
        let unknown = try await refusal(server.url("nothing"))
        #expect(unknown.sqlState == "3D000")
        #expect(unknown.message.contains("database \"nothing\" does not exist"))
        let missing = try await refusal("postgres:///x?host=/nowhere")
        #expect(missing.kind == .connectionLost(sent: false))
        #expect(missing.message.contains("No such file or directory"))
    }

    @Test func `too many connections are said with the way out`() async throws {
        let server = try await PostgresServer.start(["max_connections": "4", "superuser_reserved_connections": "1"])
        let first = try await PostgreSQLTestSession.connect(server.url("postgres"))
        var others: [PostgreSQLTestSession] = []
        let error = await {
            while true {
                do { others.append(try await first.another()) } catch { return error as? DatabaseError }
            }
        }()
        #expect(error?.sqlState == "53300")
        #expect(error?.message.contains("max_connections") == true)
        for session in others + [first] { await session.close() }
    }

    @Test func `the first host of several that answers is taken`() async throws {
        let server = try await PostgresServer.shared
        try await server.withDatabase { name in
            let url = server.tcpURL(name, host: "/nowhere,127.0.0.1", port: server.port)
                .replacing("/nowhere,127.0.0.1:\(server.port)", with: "")
            let session = try await PostgreSQLTestSession.connect(
                "\(url)&host=/nowhere,127.0.0.1&port=1,\(server.port)")
            #expect(await session.rows("SELECT current_database()::text") == [[name]])
            #expect(session.log.lines == [])
            await session.close()
        }
    }

    @Test func `a server that does not answer is given up, and the next one taken`() async throws {
        let server = try await PostgresServer.shared
        let proxy = try FaultProxy(to: .unix(server.socket))
        proxy.arm(.stall(after: 0, .toClient))
        let error = try await refusal(proxy.postgresURL("postgres")) { $0.connectTimeout = .milliseconds(200) }
        #expect(error.message.contains("has not answered in time"))
        try await server.withDatabase { name in
            let session = try await PostgreSQLTestSession.connect(
                "postgres://\(PostgresServer.user)@/\(name)?host=\(proxy.socketFolder),\(server.socketFolder)"
                    + "&port=\(FaultProxy.unixPort),\(server.port)&connect_timeout=2")
            #expect(await session.rows("SELECT 1") == [["1"]])
            await session.close()
        }
        withExtendedLifetime(proxy) {}
    }

    @Test func `sessions have a name, limits and the operator's own options`() async throws {
        let server = try await PostgresServer.shared
        try await server.withDatabase { name in
            let session = try await PostgreSQLTestSession.connect(
                server.url(name) + "&options=-c%20work_mem%3D5MB%20-c%20lock_timeout%3D7s"
            ) {
                $0.statementTimeout = .seconds(11)
                $0.idleTransactionTimeout = .milliseconds(15_500)
            }
            let expected = [
                "application_name": "gatehouse tests", "statement_timeout": "11s", "lock_timeout": "7s",
                "idle_in_transaction_session_timeout": "15500ms", "work_mem": "5MB", "TimeZone": "UTC",
                "client_encoding": "UTF8", "bytea_output": "hex", "extra_float_digits": "3",
            ]
            for (setting, value) in expected {
                #expect(await session.rows("SELECT current_setting(\(setting))") == [[value]], "\(setting)")
            }
            await session.close()
        }
    }

    @Test func `a statement on a busy connection is refused`() async throws {
        try await PostgresServer.withSession { session, _ in
            async let first = session.run("SELECT pg_sleep(0.2)")
            while await session.state != .busy {}
            let error1 = try await session.failure("SELECT 1")
            #expect(error1.kind == .usage)
            #expect(await first.isSuccess)
            #expect(await session.rows("SELECT 1") == [["1"]])
        }
    }
}
