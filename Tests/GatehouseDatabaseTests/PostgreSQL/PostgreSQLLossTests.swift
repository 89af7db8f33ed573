import DatabaseTestSupport
@testable import GatehouseDatabase
import GatehouseServer
import Testing

struct PostgreSQLLossTests {
    @Test func `an idle connection that the server ends is seen at once, behaviour 5`() async throws {
        let server = try await PostgresServer.start()
        let session = try await PostgreSQLTestSession.connect(server.url("postgres"))
        #expect(await session.rows("SELECT 1") == [["1"]])
        async let loss: Void = session.lost()
        try await server.stop()
        await loss
        #expect(await session.state == .unusable)
        let error1 = try await session.failure("SELECT 1")
        #expect(error1.kind == .connectionLost(sent: false))
        // Behaviour 25: the server's last words are in the log.
        #expect(session.log.lines.contains { $0.contains("terminating connection due to administrator command") })
    }

    @Test func `a statement in flight has an unknown fate, and says so, behaviour 6`() async throws {
        try await PostgresServer.withSession { session, database in
            for end in ["SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND datname = "]
            {
                async let failure = session.failure("SELECT pg_sleep(60)")
                try await PostgreSQLStreamTests.oneIsActive(in: database)
                _ = try await PostgresServer.shared.query("\(end)'\(database)'")
                let error = try await failure
                #expect(error.kind == .connectionLost(sent: true))
                #expect(error.sqlState == "57P01")
                #expect(await session.state == .unusable)
            }
        }
    }

    @Test func `an answer that is cut at any byte is a loss, and nothing else, behaviour 6`() async throws {
        try await PostgresServer.withProxy { proxy, name in
            for reset in [false, true] {
                for byte in stride(from: 0, through: 80, by: 7) {
                    let session = try await PostgreSQLTestSession.connect(proxy.postgresURL(name))
                    proxy.arm(.cut(after: byte, .toClient, reset: reset), times: 1)
                    let result = await session.run("SELECT 'a long enough text', 'and another one'", into: TextRows())
                    guard case .failure(let error) = result else {
                        // The answer was shorter.
                        #expect(byte > 60, "\(byte)")
                        await session.close()
                        proxy.arm()
                        continue
                    }
                    #expect(error.kind == .connectionLost(sent: true), "\(byte): \(error)")
                    #expect(await session.state == .unusable)
                }
            }
        }
    }

    @Test func `an answer that comes byte by byte is an answer`() async throws {
        try await PostgresServer.withProxy { proxy, name in
            let session = try await PostgreSQLTestSession.connect(proxy.postgresURL(name))
            proxy.arm(.drip(.toClient), .drip(.toServer))
            #expect(
                await session.rows("SELECT n, \("x")::text FROM generate_series(1, 3) n") == [
                    ["1", "x"], ["2", "x"], ["3", "x"],
                ])
            let (result, rows) = await session.batch(["SELECT 1", "SELECT \(2)::int"])
            #expect(result.isSuccess)
            #expect(rows == [[["1"]], [["2"]]])
            await session.close()
        }
    }

    @Test func `a statement that did not leave whole was not carried out, behaviour 6`() async throws {
        try await PostgresServer.withProxy { proxy, name in
            let session = try await PostgreSQLTestSession.connect(proxy.postgresURL(name))
            proxy.arm(.stall(after: 0, .toServer))
            // Less than what is sent by a thread, and more than the buffers on the way hold.
            let text = String(repeating: "x", count: 900_000)
            async let failure = session.failure("SELECT length(\(text)::text)")
            while await session.state != .busy {}
            proxy.cutAll()
            let error = try await failure
            #expect(error.kind == .connectionLost(sent: false), "\(error)")
            #expect(!"\(error)".contains("xxx"))
        }
    }

    @Test func `a statement for a connection that has just been lost ends at once`() async throws {
        try await PostgresServer.withProxy { proxy, name in
            let session = try await PostgreSQLTestSession.connect(proxy.postgresURL(name))
            let kind = await withCheckedContinuation { continuation in
                session.connection.loop.run { [connection = session.connection] in
                    // Before the loop hears of it.
                    proxy.cutAll()
                    connection.start("SELECT 1", into: nil) { result in
                        if case .failure(let error) = result { return continuation.resume(returning: error.kind) }
                        continuation.resume(returning: .other)
                    }
                }
            }
            guard case .connectionLost = kind else { throw Unexpected(description: "\(kind)") }
            #expect(await session.state == .unusable)
        }
    }

    @Test func `a batch that has left in part may have run, behaviour 6`() async throws {
        try await PostgresServer.withProxy { proxy, name in
            let session = try await PostgreSQLTestSession.connect(proxy.postgresURL(name))
            // A part gets through, which may have a COMMIT in it.
            proxy.arm(.stall(after: 200_000, .toServer))
            let text = String(repeating: "x", count: 900_000)
            let result = await withCheckedContinuation { continuation in
                session.connection.loop.run { [connection = session.connection] in
                    let batch = [BatchStatement("SELECT 1"), BatchStatement("SELECT length(\(text)::text)")]
                    connection.start(batch: batch) { continuation.resume(returning: $0) }
                    proxy.cutAll()
                }
            }
            guard case .failure(let error) = result else { throw Unexpected(description: "\(result)") }
            #expect(error.kind == .connectionLost(sent: true), "\(error)")
        }
    }

    @Test func `cancel requests without an answer are few`() async throws {
        try await PostgresServer.withProxy { proxy, name in
            let first = try await PostgreSQLTestSession.connect(proxy.postgresURL(name))
            var sessions = [first]
            for _ in 0..<PostgreSQLCancellations.limit { sessions.append(try await first.another()) }
            proxy.arm(.stall(after: 0, .toClient), .stall(after: 0, .toServer))
            await withTaskGroup(of: Void.self) { group in
                for session in sessions {
                    group.addTask {
                        async let result = session.run("SELECT 1")
                        while await session.state != .busy {}
                        await session.onLoop { $0.cancel() }
                        #expect(!(await result.isSuccess))
                    }
                }
            }
            #expect(first.driver.cancellations.count <= PostgreSQLCancellations.limit)
            #expect(first.log.lines.contains { $0.contains("cancel requests have no answer yet") })
            proxy.arm()
            proxy.cutAll()
            while first.driver.cancellations.count > 0 { await Task.yield() }
        }
    }

    @Test(arguments: [0, 1])
    func `a large statement that is stuck can be cancelled and closed`(way: Int) async throws {
        try await PostgresServer.withProxy { proxy, name in
            let session = try await PostgreSQLTestSession.connect(proxy.postgresURL(name))
            proxy.arm(.stall(after: 0, .toServer))
            let bytes = [UInt8](repeating: 1, count: 8_000_000)
            async let failure = session.failure("SELECT length(\(bytes)::bytea)")
            while await session.state != .busy {}
            await session.onLoop { way == 0 ? $0.cancel() : $0.close() }
            #expect(await session.state == .unusable)
            let kind = try await failure.kind
            if way == 0 {
                #expect(kind == .cancelled)
            } else if case .connectionLost = kind {
            } else {
                Issue.record("\(kind)")
            }
        }
    }

    @Test func `a server that does not react to a cancellation does not hold the caller`() async throws {
        try await PostgresServer.withProxy { proxy, name in
            let session = try await PostgreSQLTestSession.connect(proxy.postgresURL(name))
            proxy.arm(.stall(after: 0, .toClient), .stall(after: 0, .toServer))
            async let failure = session.failure("SELECT 1")
            while await session.state != .busy {}
            await session.onLoop { $0.cancel() }
            let error2 = try await failure
            #expect(error2.kind == .cancelled)
        }
    }

    @Test func `TLS in records of 16 KiB is read to the end, behaviour 25`() async throws {
        let server = try await PostgresServer.shared
        let relay = try await server.tlsRelay()
        try await server.withDatabase { name in
            let session = try await PostgreSQLTestSession.connect(server.tlsURL(name, port: relay.port))
            let text = String(repeating: "x", count: 1_000)
            // Some of these answers end with a record that is larger than the room in libpq's buffer behind a row that
            // is not whole: its end is then in OpenSSL's memory only, where epoll does not see it.
            for count in 30...50 {
                for last in [1, 250, 500, 750] {
                    let sink = CountingSink()
                    let result = await session.run(
                        """
                        SELECT \(text)::text FROM generate_series(1, \(count)::int)
                        UNION ALL SELECT repeat('y', \(last)::int)
                        """, into: sink)
                    #expect(result == .success(Changes(rows: count + 1)))
                    #expect(sink.count == count + 1)
                }
            }
            let paused = CountingSink { $0 % 100 == 0 ? .pause : .more }
            async let result = session.run("SELECT n, \(text)::text FROM generate_series(1, 1000) n", into: paused)
            for step in 1...10 {
                await paused.has(step * 100)
                await session.onLoop { $0.resume() }
            }
            #expect(await result == .success(Changes(rows: 1_000)))
            await session.close()
        }
        withExtendedLifetime(relay) {}
    }
}
