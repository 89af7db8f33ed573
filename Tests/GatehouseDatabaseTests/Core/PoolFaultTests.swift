import GatehouseDatabase
import GatehouseServer
import Testing

/// A pool whose server refuses, vanishes and comes back.
struct PoolFaultTests {
    private static let refused = DatabaseError(.connectionLost(sent: false), "connection refused")

    @Test(arguments: Caller.allCases)
    func `a server that cannot be reached is an error at once, for all who wait`(_ caller: Caller) async throws {
        let server = FakeServer()
        server.set(.wait)
        let database = server.database()
        try await caller.run {
            async let first = databaseError { try await database.execute("S1") }
            async let second = databaseError { try await database.execute("S2") }
            async let third = databaseError { try await database.execute("S3") }
            await database.until(waiting: 3)
            await server.until { $0.visitors.count == 2 }
            server.welcome(.refuse(Self.refused))
            for error in await [first, second, third] { #expect(error?.kind == .connectionLost(sent: false)) }
        }
        await database.until(idle: 0)
        #expect(database.status.waiting == 0)
    }

    @Test func `a server that refuses is not asked by everybody`() async throws {
        let server = FakeServer()
        server.set(.refuse(Self.refused))
        let database = server.database()
        for _ in 0..<200 {
            let error = await databaseError { try await database.execute("S1") }
            #expect(error?.kind == .connectionLost(sent: false))
        }
        // The pause doubles from 25 ms on, and 200 refusals take less.
        #expect(server.state.attempts < 20)
    }

    @Test(arguments: Caller.allCases)
    func `nobody is refused while a server restarts, behaviour 5`(_ caller: Caller) async throws {
        let server = FakeServer()
        let database = server.database()
        try await caller.run {
            try await database.execute("S1")
            server.set(.refuse(Self.refused))
            server.breakIdle()
            await database.until(idle: 0)
            async let waiting = database.execute("S2")
            await server.until { $0.attempts >= 4 }
            server.set(.accept)
            _ = try await waiting
        }
        #expect(server.state.log == ["1: S1", "2: S2"])
    }

    @Test func `a wrong password is nobody's reason to wait, even after a success`() async throws {
        let server = FakeServer()
        let database = server.database()
        try await database.execute("S1")
        server.set(.refuse(DatabaseError(.usage, "password authentication failed")))
        server.breakIdle()
        await database.until(idle: 0)
        let error = await databaseError { try await database.execute("S2") }
        #expect(error?.kind == .usage)
    }

    @Test func `a refusal does not fail those who wait for connections that exist`() async throws {
        let server = FakeServer { $0.hasPrefix("SLOW") ? .nothing : .changes(1) }
        let database = server.database()
        async let slow = database.execute("SLOW")
        await server.until { $0.open.count == 1 }
        server.set(.refuse(DatabaseError(.connectionLost(sent: false), "too many connections")))
        async let next = database.execute("NEXT")
        await server.until { $0.attempts >= 3 }
        server.answer("SLOW", with: .changes(1))
        _ = try await (slow, next)
        #expect(server.state.log == ["1: SLOW", "1: NEXT"])
    }

    @Test(arguments: Caller.allCases)
    func `a statement that was not sent is repeated on another connection, behaviour 6`(
        _ caller: Caller
    ) async throws {
        let server = FakeServer { $0 == "S1" || $0 == "S2" ? .nothing : .changes(1) }
        let database = server.database()
        try await caller.run {
            async let first = database.execute("S1")
            async let second = database.execute("S2")
            await server.until { $0.open.count == 2 }
            server.answer("S1", with: .changes(1))
            server.answer("S2", with: .changes(1))
            _ = try await (first, second)
            // Both connections are dead, and nobody knows.
            async let third = database.execute("S1")
            await server.until { $0.log.count == 3 }
            server.answer("S1", with: .loss(sent: false))
            await server.until { $0.log.count == 4 }
            server.answer("S1", with: .loss(sent: false))
            await server.until { $0.log.count == 5 }
            server.answer("S1", with: .changes(7))
            #expect(try await third.rows == 7)
        }
        #expect(server.state.connected == 3)
    }

    @Test(arguments: Caller.allCases)
    func `a statement whose fate is unknown is never repeated, behaviour 6`(_ caller: Caller) async throws {
        let server = FakeServer { $0.hasPrefix("INSERT") ? .loss(sent: true) : .changes(1) }
        let database = server.database()
        try await caller.run {
            try await database.execute("S1")
            let error = await databaseError { try await database.execute("INSERT") }
            #expect(error?.kind == .connectionLost(sent: true))
            #expect(error?.statement == "INSERT")
        }
        #expect(server.state.log == ["1: S1", "1: INSERT"])
    }

    @Test func `a new connection that is lost at once is an error, and not a circle, behaviour 6`() async throws {
        let server = FakeServer { _ in .loss(sent: false) }
        let database = server.database()
        let error = await databaseError { try await database.execute("S1") }
        #expect(error?.kind == .connectionLost(sent: false))
        #expect(server.state.log == ["1: S1"])
    }

    @Test func `a transaction begins on another connection if its own is lost, behaviour 6`() async throws {
        let server = FakeServer { $0 == "BEGIN" ? .nothing : .changes(1) }
        let database = server.database()
        try await database.execute("S1")
        async let transaction: Void = database.transaction { try await $0.execute("S2") }
        await server.until { $0.open.count == 1 }
        server.answer("BEGIN", with: .loss(sent: false))
        await server.until { $0.open.count == 1 }
        server.answer("BEGIN", with: .changes(0))
        try await transaction
        #expect(server.state.log == ["1: S1", "1: BEGIN", "2: BEGIN", "2: S2", "2: COMMIT"])
    }

    @Test func `a server that does not answer is given up`() async throws {
        let server = FakeServer { $0.hasPrefix("SLOW") ? .nothing : .changes(1) }
        let database = server.database { $0.statementTimeout = .milliseconds(1) }
        let clock = ContinuousClock()
        let began = clock.now
        let error = await databaseError { try await database.execute("SLOW") }
        #expect(error?.kind == .connectionLost(sent: true))
        #expect(error?.message.contains("has not answered") == true)
        #expect(clock.now - began >= .seconds(5))
        #expect(server.state.closed == [1])
        try await database.execute("FAST")
    }

    @Test func `a database that is shut down closes what is idle, and then what comes back`() async throws {
        let server = FakeServer { $0.hasPrefix("SLOW") ? .nothing : .changes(1) }
        let database = server.database()
        async let slow = database.execute("SLOW")
        await server.until { $0.open.count == 1 }
        try await database.execute("FAST")
        await database.source.shutDown()
        #expect(server.state.closed == [2])
        let error = await databaseError { try await database.execute("FAST") }
        #expect(error?.kind == .connectionLost(sent: false))
        server.answer("SLOW", with: .changes(1))
        _ = try await slow
        await database.until(idle: 0)
        #expect(server.state.closed == [2, 1])
    }

    @Test(.timeLimit(.minutes(1)))
    func `a statement that runs while the database is shut down keeps its deadline`() async throws {
        let server = FakeServer { $0.hasSuffix("FOREVER") ? .nothing : .changes(1) }
        let database = server.database {
            $0.statementTimeout = .zero
            $0.idle = .seconds(1)
        }
        let slow = task { await databaseError { try await database.execute("SLEEP FOREVER") } }
        await server.until { $0.open.count == 1 }
        // It is idle afterwards, so that the pool looks at it after a second.
        try await database.execute("FAST")
        while database.status.idle != 1 { await Task.yield() }
        await database.source.shutDown()
        slow.cancel()
        #expect(await slow.value?.kind == .cancelled)
        #expect(server.state.closed == [2, 1])
    }

    @Test func `a draining worker closes idle connections, and its last requests still get theirs`() async throws {
        let server = FakeServer()
        let database = server.database()
        try await database.execute("S1")
        database.source.closeIdle()
        await server.until { $0.closed == [1] }
        try await database.execute("S2")
        await server.until { $0.closed == [1, 2] }
    }

    @Test func `a database that nobody keeps closes its connections`() async throws {
        let server = FakeServer()
        do {
            let database = server.database()
            try await database.execute("S1")
        }
        await server.until { $0.closed == [1] }
    }
}
