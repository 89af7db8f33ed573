import GatehouseDatabase
import Synchronization
import Testing

/// Transactions with a server of the tests.
struct TransactionTests {
    private static let unique = DatabaseError(.unique("note_title"), "duplicate key", sqlState: "23505")
    private struct Own: Error {}

    private func reply(_ text: String) -> FakeServer.Reply {
        text.hasPrefix("BAD") ? .error(Self.unique) : .changes(1)
    }

    @Test(arguments: Caller.allCases) func `a transaction is committed`(_ caller: Caller) async throws {
        let server = FakeServer()
        let database = server.database()
        let result = try await caller.run {
            try await database.transaction { transaction in
                try await transaction.execute("S1")
                return try await transaction.execute("S2").rows
            }
        }
        #expect(result == 1)
        #expect(server.state.log == ["1: BEGIN", "1: S1", "1: S2", "1: COMMIT"])
        await database.until(idle: 1)
    }

    @Test(arguments: Caller.allCases) func `a closure that throws is rolled back`(_ caller: Caller) async throws {
        let server = FakeServer()
        let database = server.database()
        await #expect(throws: Own.self) {
            try await caller.run {
                try await database.transaction { transaction in
                    try await transaction.execute("S1")
                    throw Own()
                }
            }
        }
        #expect(server.state.log == ["1: BEGIN", "1: S1", "1: ROLLBACK"])
        #expect(server.state.closed.isEmpty)
    }

    @Test(arguments: [
        (Dialect.postgreSQL, Isolation.serializable, ["BEGIN ISOLATION LEVEL SERIALIZABLE"]),
        (.postgreSQL, .readCommitted, ["BEGIN ISOLATION LEVEL READ COMMITTED"]),
        (.mySQL, .standard, ["START TRANSACTION"]),
        (.mySQL, .repeatableRead, ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION"]),
        (.sqlite, .standard, ["BEGIN IMMEDIATE"]),
    ])
    func `isolation is asked for in the words of the database`(
        _ dialect: Dialect, _ isolation: Isolation, _ expected: [String]
    ) async throws {
        let server = FakeServer(dialect)
        try await server.database().transaction(isolation) { _ in }
        #expect(server.state.log == (expected + ["COMMIT"]).map { "1: \($0)" })
    }

    @Test(arguments: [
        (Dialect.postgreSQL, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
        (.mySQL, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"), (.sqlite, "BEGIN DEFERRED"),
    ])
    func `a reading transaction has a snapshot`(_ dialect: Dialect, _ expected: String) async throws {
        let server = FakeServer(dialect)
        try await server.database().read { try await $0.execute("S1") }
        #expect(server.state.log.suffix(3) == ["1: \(expected)", "1: S1", "1: COMMIT"])
    }

    @Test(arguments: Dialect.allCases)
    func `an error that was swallowed does not end in a commit, behaviour 10`(_ dialect: Dialect) async throws {
        let server = FakeServer(dialect) { reply($0) }
        let database = server.database()
        let error = await databaseError {
            try await database.transaction { transaction in
                try await transaction.execute("S1")
                _ = try? await transaction.execute("BAD")
                let refusal = await databaseError { try await transaction.execute("S2") }
                #expect(refusal?.kind == .usage)
                #expect(refusal?.message.contains("duplicate key") == true)
            }
        }
        #expect(error?.kind == .usage)
        #expect(error?.message.contains("rolled back and not committed") == true)
        #expect(error?.statement == "BAD")
        #expect(server.state.log.suffix(3).map { String($0.dropFirst(3)) } == ["S1", "BAD", "ROLLBACK"])
        await database.until(idle: 1)
    }

    @Test func `a transaction that the server has ended is not committed, behaviour 10`() async throws {
        let deadlock = DatabaseError(.deadlock, "deadlock", sqlState: "40001")
        let server = FakeServer(.mySQL) { $0 == "BAD" ? .endOfTransaction(deadlock) : .changes(1) }
        let database = server.database()
        let error = await databaseError {
            try await database.transaction { transaction in
                _ = try? await transaction.execute("BAD")
                _ = try? await transaction.execute("S2")
            }
        }
        #expect(error?.kind == .deadlock)
        #expect(server.state.log == ["1: START TRANSACTION", "1: BAD"])
    }

    @Test func `a statement that commits by itself ends the transaction with an error`() async throws {
        let server = FakeServer(.mySQL)
        let database = server.database()
        let error = await databaseError {
            try await database.transaction { transaction in
                try await transaction.execute("CREATE TABLE t (a INT)")
                try await transaction.execute("S2")
            }
        }
        #expect(error?.kind == .usage)
        #expect(error?.message.contains("ended on the server") == true)
        let last = await databaseError {
            try await database.transaction { try await $0.execute("CREATE TABLE t (a INT)") }
        }
        #expect(last?.kind == .usage)
        #expect(!server.state.log.contains("1: S2"))
        await database.until(idle: 1)
    }

    @Test(arguments: Dialect.allCases)
    func `a nested transaction is a savepoint that fails alone, behaviour 11`(_ dialect: Dialect) async throws {
        let server = FakeServer(dialect) { reply($0) }
        let database = server.database()
        try await database.transaction { transaction in
            try await transaction.execute("S1")
            let error = await databaseError {
                try await transaction.transaction { try await $0.execute("BAD") }
            }
            #expect(error?.kind == .unique("note_title"))
            try await transaction.transaction { try await $0.execute("S2") }
        }
        #expect(
            server.state.log.dropFirst().map { String($0.dropFirst(3)) } == [
                "S1", "SAVEPOINT gatehouse_1", "BAD", "ROLLBACK TO SAVEPOINT gatehouse_1",
                "RELEASE SAVEPOINT gatehouse_1", "SAVEPOINT gatehouse_1", "S2", "RELEASE SAVEPOINT gatehouse_1",
                "COMMIT",
            ])
    }

    @Test func `a nested transaction that swallows an error is rolled back, and says so, behaviour 11`() async throws {
        let server = FakeServer { reply($0) }
        let database = server.database()
        try await database.transaction { transaction in
            let error = await databaseError {
                try await transaction.transaction { inner in
                    _ = try? await inner.execute("BAD")
                    try await inner.transaction { _ in }
                }
            }
            #expect(error?.kind == .usage)
            try await transaction.execute("S2")
        }
        #expect(server.state.log.last == "1: COMMIT")
    }

    @Test func `work for after the commit is done then, and not at all after a rollback, behaviour 12`() async throws {
        let server = FakeServer { reply($0) }
        let database = server.database()
        let done = Mutex<[String]>([])
        try await database.transaction { transaction in
            transaction.afterCommit { done.withLock { $0.append("first \(server.state.log.last ?? "")") } }
            _ = try? await transaction.transaction { inner in
                inner.afterCommit { done.withLock { $0.append("never") } }
                try await inner.execute("BAD")
            }
            try await transaction.transaction { inner in
                inner.afterCommit { done.withLock { $0.append("second") } }
                // The database can be used again by then.
                inner.afterCommit { _ = try? await database.execute("S9") }
            }
            #expect(done.withLock { $0 } == [])
        }
        #expect(done.withLock { $0 } == ["first 1: COMMIT", "second"])
        #expect(server.state.log.last == "1: S9")
        await #expect(throws: Own.self) {
            try await database.transaction { transaction in
                transaction.afterCommit { done.withLock { $0.append("never") } }
                throw Own()
            }
        }
        #expect(done.withLock { $0.count } == 2)
    }

    @Test(arguments: Caller.allCases)
    func `the database is refused inside its own transaction, behaviour 3`(_ caller: Caller) async throws {
        let server = FakeServer()
        let database = server.database { $0.connections = 1 }
        let other = FakeServer().database()
        try await caller.run {
            try await database.transaction { transaction in
                let error = await databaseError { try await database.execute("S1") }
                #expect(error?.kind == .usage)
                #expect(error?.message.contains("inside its own transaction") == true)
                #expect(await databaseError { try await database.transaction { _ in } }?.kind == .usage)
                #expect(await databaseError { try await database.batch(Query.execute("S1")) }?.kind == .usage)
                #expect(await databaseError { try await database.rows("S1", as: Int.self) { _ in } }?.kind == .usage)
                let inherited = await task { await databaseError { try await database.execute("S1") } }.value
                #expect(inherited?.kind == .usage)
                // Another database is none of its business, and does not hide the first one.
                try await other.transaction { _ in
                    #expect(await databaseError { try await database.execute("S1") }?.kind == .usage)
                }
            }
            try await database.execute("S1")
        }
        #expect(server.state.log == ["1: BEGIN", "1: COMMIT", "1: S1"])
    }

    @Test func `a transaction that was kept is refused`() async throws {
        let server = FakeServer()
        let database = server.database()
        let kept = try await database.transaction { $0 }
        let error = await databaseError { try await kept.execute("S1") }
        #expect(error?.kind == .usage)
        #expect(await databaseError { try await kept.transaction { _ in } }?.kind == .usage)
        #expect(await databaseError { try await kept.rows("S1", as: Int.self) { _ in } }?.kind == .usage)
        kept.afterCommit { Issue.record("after the end") }
        try await database.transaction { transaction in
            let inner = try await transaction.transaction { $0 }
            #expect(await databaseError { try await inner.execute("S1") }?.kind == .usage)
        }
        #expect(!server.state.log.contains { $0.hasSuffix("S1") })
    }

    @Test func `a transaction that met another one is run again`() async throws {
        let server = FakeServer { _ in .changes(1) }
        let database = server.database()
        let runs = Mutex(0)
        try await database.transaction(.serializable, retries: 2) { _ in
            let run = runs.withLock { runs in
                runs += 1
                return runs
            }
            if run < 3 { throw DatabaseError(.serialization, "could not serialize", sqlState: "40001") }
        }
        #expect(runs.withLock { $0 } == 3)
        let error = await databaseError {
            try await database.transaction(retries: 1) { _ in throw DatabaseError(.deadlock, "deadlock") }
        }
        #expect(error?.kind == .deadlock)
    }

    @Test func `locks are taken by name, in the words of the database`() async throws {
        let postgres = FakeServer()
        try await postgres.database().transaction { try await $0.lock("nightly") }
        #expect(postgres.state.log[1] == "1: SELECT pg_advisory_xact_lock(?)")
        let mysql = FakeServer(.mySQL) { $0.contains("GET_LOCK") ? .rows([[1]]) : .changes(0) }
        try await mysql.database().transaction { try await $0.lock("nightly") }
        #expect(mysql.state.log[1].contains("GET_LOCK"))
        #expect(mysql.state.log[2] == "1: COMMIT")
        #expect(mysql.state.log[3].contains("RELEASE_LOCK"))
        let sqlite = FakeServer(.sqlite)
        try await sqlite.database().transaction { try await $0.lock("nightly") }
        #expect(sqlite.state.log == ["1: BEGIN IMMEDIATE", "1: COMMIT"])
        let taken = FakeServer(.mySQL) { $0.contains("GET_LOCK") ? .rows([[0]]) : .changes(0) }
        let error = await databaseError { try await taken.database().transaction { try await $0.lock("nightly") } }
        #expect(error?.kind == .timeout)
        #expect(taken.state.log.last == "1: ROLLBACK")
    }
}
