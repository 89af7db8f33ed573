import Gatehouse
import GatehouseDatabase
import GatehouseServer
import Testing

/// A pool with a server of the tests: order, limits and healing.
struct PoolTests {
    @Test(arguments: Caller.allCases) func `a statement gets a connection, and the next one the same`(
        _ caller: Caller
    ) async throws {
        let server = FakeServer { _ in .rows([[1, "a"], [2, "b"]]) }
        let database = server.database()
        try await caller.run {
            let all = try await database.all("SELECT a, b", Int.self, String.self)
            #expect(all.map { _, title in title } == ["a", "b"])
            let first = try await database.first("SELECT a, b", Int.self, String.self)
            #expect(first?.0 == 1)
        }
        #expect(server.state.log == ["1: SELECT a, b", "1: SELECT a, b"])
        await database.until(idle: 1)
        #expect(database.status == PoolStatus(open: 1, idle: 1, limit: 2))
    }

    @Test(arguments: Caller.allCases)
    func `no more connections than the limit, first come first served, behaviour 2`(_ caller: Caller) async throws {
        let server = FakeServer { _ in .nothing }
        let database = server.database()
        try await caller.run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...5 {
                    group.addTask { _ = try await database.execute(SQL(unchecked: "S\(number)")) }
                    // In this order, and not in that of the tasks.
                    await server.until { $0.open.count == min(number, 2) }
                    await database.until(waiting: max(0, number - 2))
                }
                #expect(database.status.open == 2)
                #expect(database.status.idle == 0)
                #expect(database.status.waiting == 3)
                for number in 1...5 {
                    await server.until { state in state.open.contains { $0.text == "S\(number)" } }
                    #expect(server.state.open.count <= 2)
                    server.answer("S\(number)", with: .changes(0))
                }
                try await group.waitForAll()
            }
        }
        #expect(server.state.log.map { $0.suffix(2) } == ["S1", "S2", "S3", "S4", "S5"])
        #expect(server.state.connected == 2)
    }

    @Test(arguments: Caller.allCases)
    func
        `who waits too long gets an error that names limit and holders, and the next is served, behaviours 2 and 4`(
            _ caller: Caller
        ) async throws
    {
        let server = FakeServer { $0.hasPrefix("SLOW") ? .nothing : .changes(1) }
        let database = server.database {
            $0.connections = 1
            $0.wait = .milliseconds(50)
        }
        try await caller.run {
            async let slow = database.execute("SLOW")
            await server.until { $0.open.count == 1 }
            async let other = databaseError { try await database.execute("OTHER") }
            let error = await databaseError { try await database.execute("FAST") }
            #expect(error?.kind == .exhausted)
            #expect(error?.status.code == 503)
            #expect(error?.statement == "FAST")
            let message = error?.message ?? ""
            #expect(message.contains("within 50ms (wait)"), "\(message)")
            #expect(message.contains("all 1 of this event loop (connections) are in use"), "\(message)")
            #expect(message.contains("1 by statements, the longest for") && message.contains("(SLOW)"), "\(message)")
            #expect(await other?.kind == .exhausted)
            #expect(database.status.waiting == 0)
            server.answer("SLOW", with: .changes(1))
            _ = try await slow
            try await database.execute("FAST")
        }
        #expect(server.state.connected == 1)
        await database.until(idle: 1)
        #expect(database.status == PoolStatus(open: 1, idle: 1, limit: 1))
    }

    @Test(arguments: Caller.allCases)
    func `a cancelled waiter leaves the queue, behaviour 4`(_ caller: Caller) async throws {
        let server = FakeServer { $0.hasPrefix("SLOW") ? .nothing : .changes(1) }
        let database = server.database { $0.connections = 1 }
        try await caller.run {
            async let slow = database.execute("SLOW")
            await server.until { $0.open.count == 1 }
            // It has waited itself, for its connection.
            await database.until(waiting: 0)
            let waiter = task { await databaseError { try await database.execute("FAST") } }
            await database.until(waiting: 1)
            waiter.cancel()
            #expect(await waiter.value?.kind == .cancelled)
            #expect(database.status.waiting == 0)
            server.answer("SLOW", with: .changes(1))
            _ = try await slow
        }
        #expect(server.state.log == ["1: SLOW"])
        await database.until(idle: 1)
        #expect(database.status == PoolStatus(open: 1, idle: 1, limit: 1))
    }

    @Test(arguments: Caller.allCases)
    func `a cancelled statement is cancelled on the server, and its connection is not used again, behaviours 8 and 9`(
        _ caller: Caller
    ) async throws {
        let server = FakeServer { $0.hasPrefix("SLOW") ? .nothing : .changes(1) }
        let database = server.database { $0.connections = 1 }
        try await caller.run {
            let slow = task { await databaseError { try await database.execute("SLOW") } }
            await server.until { $0.open.count == 1 }
            slow.cancel()
            #expect(await slow.value?.kind == .cancelled)
            try await database.execute("FAST")
        }
        #expect(server.state.cancelled == [1])
        #expect(server.state.closed == [1])
        #expect(server.state.log == ["1: SLOW", "2: FAST"])
    }

    @Test func `a cancelled statement that the server does not end is given up after a while`() async throws {
        let server = FakeServer { $0.hasSuffix("FOREVER") ? .nothing : .changes(1) }
        let database = server.database()
        let slow = task { await databaseError { try await database.execute("SLEEP FOREVER") } }
        await server.until { $0.open.count == 1 }
        slow.cancel()
        #expect(await slow.value?.kind == .cancelled)
        #expect(server.state.closed == [1])
    }

    @Test func `a caller that is cancelled already sends nothing`() async throws {
        let server = FakeServer()
        let database = server.database()
        let kind = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await databaseError { try await database.execute("SELECT 1") }?.kind
        }.value
        #expect(kind == .cancelled)
        #expect(server.state.log.isEmpty)
    }

    @Test(arguments: Caller.allCases)
    func `a connection is not given to the next one if its session was changed, behaviour 16`(
        _ caller: Caller
    ) async throws {
        let server = FakeServer()
        let database = server.database()
        try await caller.run {
            try await database.execute("SET SESSION x = 1")
            try await database.execute("SELECT 1")
        }
        #expect(server.state.log == ["1: SET SESSION x = 1", "2: SELECT 1"])
        #expect(server.state.closed == [1])
    }

    @Test func `a connection grows old and is closed when it comes back, behaviour 7`() async throws {
        let server = FakeServer()
        let database = server.database { $0.maximumAge = .milliseconds(1) }
        try await database.execute("S1")
        // The pool's clock ticks every few milliseconds.
        try await database.execute("SELECT pg_sleep")
        await server.until { $0.connected == 1 }
        while server.state.closed.isEmpty { try await database.execute("S2") }
        #expect(server.state.closed.first == 1)
    }

    @Test(arguments: Caller.allCases)
    func `a connection that nobody uses is closed after a while, behaviour 7`(_ caller: Caller) async throws {
        let server = FakeServer()
        let database = server.database { $0.idle = .milliseconds(20) }
        try await caller.run {
            try await database.execute("SELECT 1")
            await server.until { $0.closed == [1] }
        }
        try await until("the pool is empty") { database.status == PoolStatus(open: 0, idle: 0, limit: 2) }
    }

    @Test(arguments: Caller.allCases)
    func `connections that are lost while idle are forgotten, behaviour 5`(_ caller: Caller) async throws {
        let server = FakeServer()
        let database = server.database()
        try await caller.run {
            try await database.execute("SELECT 1")
            server.breakIdle()
            await database.until(idle: 0)
            try await database.execute("SELECT 2")
        }
        #expect(server.state.log == ["1: SELECT 1", "2: SELECT 2"])
    }

    @Test func `each loop has a pool of its own`() async throws {
        let server = FakeServer()
        let database = server.database()
        _ = try await onLoop { try await database.execute("S1") }
        _ = try await onLoop { try await database.execute("S2") }
        try await database.execute("S3")
        #expect(server.state.log == ["1: S1", "2: S2", "3: S3"])
        #expect(database.status.limit == 6)
        let loops = Set(server.state.connections.map(\.loop.id))
        #expect(loops.count == 3)
    }

    @Test func `statements that fail at once do not pile up`() async throws {
        let server = FakeServer { $0.hasPrefix("SLOW") ? .nothing : .changes(1) }
        let database = server.database { $0.connections = 1 }
        let failures = try await onLoop {
            let slow = task { try? await database.execute("SLOW") }
            await server.until { $0.open.count == 1 }
            return try await withThrowingTaskGroup(of: DatabaseError.Kind?.self) { group in
                for _ in 0..<5_000 {
                    group.addTask {
                        await databaseError { try await database.execute(SQL(unchecked: "\u{1}")) }?.kind
                    }
                }
                await database.until(waiting: 5_000)
                server.answer("SLOW", with: .changes(1))
                _ = await slow.value
                return try await group.reduce(into: 0) { count, kind in if kind == .usage { count += 1 } }
            }
        }
        #expect(failures == 5_000)
    }
}
