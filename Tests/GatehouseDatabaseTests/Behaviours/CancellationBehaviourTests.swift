import GatehouseDatabase
import Testing
import TestSupport

/// Callers that are cancelled at any moment.
struct CancellationBehaviourTests {
    // behaviour 8
    @Test(arguments: BackEnd.allCases, Caller.allCases)
    func `transactions cancelled at random moments are whole or not there, and none stays open`(
        backEnd: BackEnd, caller: Caller
    ) async throws {
        try await backEnd.withDatabase({ $0.connections = 4 }) { database, place in
            try await database.execute("CREATE TABLE t (id INT, half INT, PRIMARY KEY (id, half))")
            var generator = SeededGenerator(seed: 8)
            let delays = (0..<200).map { _ in generator.within(0...3_000) }
            try await caller.run {
                await withTaskGroup(of: Void.self) { group in
                    for (id, delay) in delays.enumerated() {
                        if id >= 8 { await group.next() }
                        group.addTask { await Self.cancelled(id, after: .microseconds(delay), database) }
                    }
                }
            }
            #expect(
                try await place.count(
                    "SELECT count(*) FROM (SELECT id FROM t GROUP BY id HAVING count(*) <> 2) AS halves") == 0)
            try await until("no transaction is open") { try await place.openTransactions() == 0 }
            // The pool has healed: more callers than connections are served.
            try await caller.run {
                try await withThrowingTaskGroup(of: Int?.self) { group in
                    for _ in 0..<8 { group.addTask { try await database.first("SELECT 1", Int.self) } }
                    for try await one in group { #expect(one == 1) }
                }
            }
            // Callers on a loop have a pool of their own beside that of all others.
            #expect(try await place.sessions() <= 8)
        }
    }

    private static func cancelled(_ id: Int, after delay: Duration, _ database: Database) async {
        let running = task {
            _ = try? await database.transaction { transaction in
                try await transaction.execute("INSERT INTO t VALUES (\(id), 1)")
                try await transaction.execute("INSERT INTO t VALUES (\(id), 2)")
            }
        }
        try? await Task.sleep(for: delay)
        running.cancel()
        await running.value
    }

    // behaviour 9
    @Test(arguments: BackEnd.servers)
    func `a cancellation never hits the next statement`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase({ $0.connections = 1 }) { database, place async throws in
            let session = try #require(backEnd.session)
            for _ in 0..<10 {
                let before = try await database.first(session, Int.self)
                let task = Task { try await database.first(backEnd.sleep(milliseconds: 5_000), Int.self) }
                try await until("the statement runs") { database.status.idle == 0 }
                task.cancel()
                await #expect(throws: DatabaseError.self) { _ = try await task.value }
                // A caller that comes at once gets another session, and is not disturbed.
                #expect(try await database.first(session, Int.self) != before)
                _ = try await database.first(backEnd.sleep(milliseconds: 5), Int.self)
            }
            try await until("the old sessions are gone") { try await place.sessions() == 1 }
        }
    }

    // behaviour 8
    @Test(arguments: BackEnd.allCases)
    func `a cancelled statement ends on the server, and soon`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase { database, place async throws in
            let clock = ContinuousClock()
            let began = clock.now
            let task = Task { try await database.first(backEnd.sleep(milliseconds: 8_000), Int.self) }
            try await Task.sleep(for: .milliseconds(50))
            task.cancel()
            let error = await #expect(throws: DatabaseError.self) { _ = try await task.value }
            #expect(error?.kind == .cancelled)
            #expect(clock.now - began < .seconds(4))
            try await until("nothing runs") { try await Self.running(place) == 0 }
        }
    }

    private static func running(_ place: Place) async throws -> Int? {
        switch place.backEnd {
        case .postgreSQL:
            try await place.count(
                """
                SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
                AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()
                """)
        case .mariaDB:
            try await place.count(
                """
                SELECT count(*) FROM information_schema.processlist
                WHERE db = database() AND user = 'gatehouse' AND info LIKE '%SLEEP%'
                """)
        case .sqlite: 0
        }
    }
}
