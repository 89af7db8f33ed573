import GatehouseDatabase
import HTTPTypes
import Testing

/// Pools of real connections.
struct PoolBehaviourTests {
    // behaviour 2
    @Test(arguments: BackEnd.servers)
    func `a pool is bounded, and a caller that waits too long hears of the limit`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase({ settings in
            settings.connections = 2
            settings.wait = .milliseconds(100)
        }) { database, place async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask { _ = try await database.first(backEnd.sleep(milliseconds: 600), Int.self) }
                }
                try await until("both connections are used") { database.status.open == 2 && database.status.idle == 0 }
                let error = await #expect(throws: DatabaseError.self) {
                    _ = try await database.first("SELECT 1", Int.self)
                }
                #expect(error?.kind == .exhausted)
                #expect(error?.status == .serviceUnavailable)
                #expect(error?.message.contains("2") == true)
                #expect(try await place.sessions() == 2)
                try await group.waitForAll()
            }
            // behaviour 4
            #expect(try await database.first("SELECT 1", Int.self) == 1)
            #expect(database.status.waiting == 0)
        }
    }

    // behaviour 4
    @Test(arguments: BackEnd.servers)
    func `callers that give up leave the queue, and nothing is stuck afterwards`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase({ $0.connections = 1 }) { database, _ async throws in
            let holder = Task { _ = try await database.first(backEnd.sleep(milliseconds: 200), Int.self) }
            try await until("the connection is used") { database.status.open == 1 && database.status.idle == 0 }
            let waiters = (0..<50).map { _ in Task { _ = try await database.first("SELECT 1", Int.self) } }
            try await until("all wait") { database.status.waiting == 50 }
            for waiter in waiters.dropLast() { waiter.cancel() }
            for waiter in waiters.dropLast() { await #expect(throws: DatabaseError.self) { try await waiter.value } }
            try await holder.value
            try await waiters[49].value
            #expect(database.status.waiting == 0)
        }
    }

    // behaviour 2, behaviour 4
    @Test(arguments: BackEnd.servers)
    func `a pool of five serves a thousand callers of 20 ms in their order`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase({ settings in
            settings.connections = 5
            settings.wait = .seconds(1)
        }) { database, place async throws in
            let served = Shared<[Int]>([])
            let exhausted = Shared(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<1_000 {
                    group.addTask {
                        do {
                            _ = try await database.first(backEnd.sleep(milliseconds: 20), Int.self)
                            served.withLock { $0.append(number) }
                        } catch let error as DatabaseError where error.kind == .exhausted {
                            exhausted.withLock { $0 += 1 }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let count = served.withLock { $0.count }
            // 5 connections for a second and 20 ms a statement: 250, on a machine that does nothing else.
            #expect(count > 20 && count <= 500)
            #expect(count + exhausted.withLock { $0 } == 1_000)
            #expect(database.status.waiting == 0)
            try await until("all are idle") { database.status.idle == database.status.open }
            #expect(try await place.sessions() <= 5)
            #expect(try await database.first("SELECT 1", Int.self) == 1)
        }
    }

    // behaviour 16
    @Test(arguments: BackEnd.servers)
    func `the next borrower has nothing of what one has set`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase({ $0.connections = 1 }) { database, _ async throws in
            let (set, show): (SQL, SQL) =
                backEnd == .postgreSQL
                ? ("SET work_mem = '7MB'", "SELECT current_setting('work_mem')")
                : ("SET SESSION sort_buffer_size = 7340032", "SELECT @@sort_buffer_size")
            let before = try await database.first(show, String.self)
            try await database.execute(set)
            #expect(try await database.first(show, String.self) == before)
            try await database.transaction { transaction in
                try await transaction.execute("CREATE TEMPORARY TABLE t (id INT)")
                try await transaction.execute(set)
                #expect(try await transaction.first(show, String.self) != before)
            }
            #expect(try await database.first(show, String.self) == before)
            await #expect(throws: DatabaseError.self) { try await database.execute("INSERT INTO t VALUES (1)") }
        }
    }
}
