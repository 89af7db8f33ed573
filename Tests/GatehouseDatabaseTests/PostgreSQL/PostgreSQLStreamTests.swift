import DatabaseTestSupport
import GatehouseDatabase
import GatehouseServer
import Testing

struct PostgreSQLStreamTests {
    @Test func `rows wait until the sink goes on, behaviour 18`() async throws {
        try await PostgresServer.withSession { session, _ in
            let sink = CountingSink { $0 % 1_000 == 0 ? .pause : .more }
            async let result = session.run("SELECT n, repeat('x', 200) FROM generate_series(1, 10000) n", into: sink)
            for step in 1...10 {
                await sink.has(step * 1_000)
                // Some turns of the loop bring no row.
                for _ in 0..<5 { _ = await session.state }
                #expect(sink.count == step * 1_000)
                await session.onLoop { $0.resume() }
            }
            #expect(await result == .success(Changes(rows: 10_000)))
            #expect(await session.state == .idle)
        }
    }

    @Test func `leaving a small result keeps the connection, behaviour 18`() async throws {
        try await PostgresServer.withSession { session, _ in
            let sink = CountingSink { _ in .stop }
            #expect(await session.run("SELECT n FROM generate_series(1, 100) n", into: sink).isSuccess)
            #expect(sink.count == 1)
            #expect(await session.state == .idle)
        }
    }

    @Test func `leaving a big result ends it and the connection, behaviour 18`() async throws {
        try await PostgresServer.withSession { session, database in
            let sink = CountingSink { $0 == 10 ? .stop : .more }
            #expect(await session.run("SELECT generate_series(1, 1000000000)", into: sink).isSuccess)
            #expect(sink.count == 10)
            #expect(await session.state == .unusable)
            try await Self.noneIsActive(in: database)
        }
    }

    @Test func `leaving a result inside of a transaction keeps that`() async throws {
        try await PostgresServer.withSession { session, _ in
            await session.run("BEGIN")
            let sink = CountingSink { _ in .stop }
            #expect(await session.run("SELECT n FROM generate_series(1, 200000) n", into: sink).isSuccess)
            #expect(await session.state == .inTransaction)
            #expect(await session.run("COMMIT").isSuccess)
        }
    }

    @Test func `an error of the sink is the statement's`() async throws {
        try await PostgresServer.withSession { session, _ in
            let sink = TextRows { (count) throws(DatabaseError) in
                if count == 3 { throw DatabaseError(.tooManyRows, "enough") }
                return .more
            }
            let error = try await session.failure("SELECT n FROM generate_series(1, 10) n", into: sink)
            #expect(error.kind == .tooManyRows)
            #expect(error.statement == "SELECT n FROM generate_series(1, 10) n")
            #expect(await session.state == .idle)
        }
    }

    @Test func `an error after rows is an error, and the rows were there`() async throws {
        try await PostgresServer.withSession { session, _ in
            let sink = CountingSink()
            let error = try await session.failure("SELECT 1 / (5000 - n) FROM generate_series(1, 10000) n", into: sink)
            #expect(error.kind == .data)
            #expect(sink.count == 4_999)
            #expect(await session.state == .idle)
        }
    }

    @Test func `a big result does not hold the loop, behaviour 19`() async throws {
        try await PostgresServer.withSession { session, _ in
            let sink = CountingSink()
            async let result = session.run("SELECT n FROM generate_series(1, 100000) n", into: sink)
            var turns = 0
            while sink.count < 100_000 {
                _ = await session.state
                turns += 1
            }
            #expect(await result.isSuccess)
            #expect(turns > 5)
        }
    }

    @Test func `a cancelled statement ends soon and its connection is not used again, behaviour 9`() async throws {
        try await PostgresServer.withSession { session, database in
            async let failure = session.failure("SELECT pg_sleep(60)")
            try await Self.oneIsActive(in: database)
            await session.onLoop { $0.cancel() }
            #expect(await session.state == .unusable)
            let error = try await failure
            #expect(error.kind == .cancelled)
            #expect(await session.state == .unusable)
            let error1 = try await session.failure("SELECT 1")
            #expect(error1.kind == .connectionLost(sent: false))
            try await Self.noneIsActive(in: database)
        }
    }

    @Test func `a stream that waits can be cancelled, behaviour 8`() async throws {
        try await PostgresServer.withSession { session, database in
            await session.run("BEGIN")
            let sink = CountingSink { _ in .pause }
            async let failure = session.failure("SELECT generate_series(1, 1000000000)", into: sink)
            await sink.has(1)
            await session.onLoop { $0.cancel() }
            let error2 = try await failure
            #expect(error2.kind == .cancelled)
            #expect(sink.count == 1)
            await session.close()
            try await Self.noneIsActive(in: database)
        }
    }

    @Test func `a stream that is closed reports the loss once`() async throws {
        try await PostgresServer.withSession { session, database in
            let sink = CountingSink { _ in .pause }
            async let failure = session.failure("SELECT generate_series(1, 1000000000)", into: sink)
            await sink.has(1)
            await session.onLoop { connection in
                connection.close()
                connection.resume()
                connection.cancel()
                connection.close()
            }
            let error3 = try await failure
            #expect(error3.kind == .connectionLost(sent: true))
            try await Self.noneIsActive(in: database)
        }
    }

    /// Waits until one statement of others runs in the database.
    static func oneIsActive(in database: String) async throws { try await wait(for: "1", in: database) }

    static func noneIsActive(in database: String) async throws { try await wait(for: "0", in: database) }

    private static func wait(for count: String, in database: String) async throws {
        let server = try await PostgresServer.shared
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(database)' AND state <> 'idle'"
        let deadline = ContinuousClock.now + .seconds(60)
        while try await server.query(sql) != [[count]] {
            guard ContinuousClock.now < deadline else {
                throw Unexpected(description: "not \(count) active statements")
            }
        }
    }
}

extension PostgreSQLTestSession {
    /// Waits until the idle connection is found to be lost.
    func lost() async {
        await withCheckedContinuation { continuation in
            connection.loop.run { [connection] in
                guard connection.state != .unusable else { return continuation.resume() }
                connection.onLoss = { continuation.resume() }
            }
        }
    }
}
