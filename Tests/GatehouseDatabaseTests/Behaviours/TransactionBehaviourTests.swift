import GatehouseDatabase
import Testing

/// Transactions, over every back end.
struct TransactionBehaviourTests {
    private struct Stop: Error {}

    private func withTable(_ backEnd: BackEnd, _ body: (Database, Place) async throws -> Void) async throws {
        try await backEnd.withDatabase { database, place async throws in
            try await database.execute("CREATE TABLE t (id INT PRIMARY KEY)")
            try await body(database, place)
        }
    }

    @Test(arguments: BackEnd.allCases)
    func `a transaction whose body throws leaves nothing`(backEnd: BackEnd) async throws {
        try await withTable(backEnd) { database, place async throws in
            await #expect(throws: Stop.self) {
                try await database.transaction { transaction in
                    try await transaction.execute("INSERT INTO t VALUES (1)")
                    throw Stop()
                }
            }
            #expect(try await place.count("SELECT count(*) FROM t") == 0)
            #expect(try await place.openTransactions() == 0)
        }
    }

    // behaviour 3
    @Test(arguments: BackEnd.allCases)
    func `the database inside its own transaction is refused at once`(backEnd: BackEnd) async throws {
        try await withTable(backEnd) { database, place async throws in
            let error = await #expect(throws: DatabaseError.self) {
                try await database.transaction { _ in
                    _ = try await database.execute("INSERT INTO t VALUES (1)")
                }
            }
            #expect(error?.kind == .usage)
            #expect(try await place.count("SELECT count(*) FROM t") == 0)
        }
    }

    // behaviour 10
    @Test(arguments: BackEnd.allCases)
    func `an error that is swallowed in a transaction does not end in a commit of half of it`(backEnd: BackEnd)
        async throws
    {
        try await withTable(backEnd) { database, place async throws in
            let error = await #expect(throws: DatabaseError.self) {
                try await database.transaction { transaction in
                    try await transaction.execute("INSERT INTO t VALUES (1)")
                    _ = try? await transaction.execute("INSERT INTO t VALUES (1)")
                }
            }
            #expect(error?.kind == .usage)
            #expect(try await place.count("SELECT count(*) FROM t") == 0)
        }
    }

    // behaviour 11
    @Test(arguments: BackEnd.allCases)
    func `a nested transaction is a savepoint that fails alone`(backEnd: BackEnd) async throws {
        try await withTable(backEnd) { database, place async throws in
            try await database.transaction { outer in
                try await outer.execute("INSERT INTO t VALUES (1)")
                let error = await #expect(throws: DatabaseError.self) {
                    try await outer.transaction { inner in
                        try await inner.execute("INSERT INTO t VALUES (2)")
                        try await inner.execute("INSERT INTO t VALUES (1)")
                    }
                }
                if case .unique = error?.kind {} else { Issue.record("\(String(describing: error))") }
                try await outer.transaction { inner in
                    _ = try await inner.execute("INSERT INTO t VALUES (3)")
                }
                try await outer.execute("INSERT INTO t VALUES (4)")
            }
            #expect(try await place.query("SELECT id FROM t ORDER BY id") == [["1"], ["3"], ["4"]])
        }
    }

    // behaviour 12
    @Test(arguments: BackEnd.allCases)
    func `work after the commit is done after it, and never after a rollback`(backEnd: BackEnd) async throws {
        try await withTable(backEnd) { database, place async throws in
            let done = Shared<[String]>([])
            try await database.transaction { outer in
                try await outer.execute("INSERT INTO t VALUES (1)")
                outer.afterCommit { done.withLock { $0.append("outer") } }
                try await outer.transaction { inner in
                    inner.afterCommit { done.withLock { $0.append("kept savepoint") } }
                }
                try? await outer.transaction { inner in
                    inner.afterCommit { done.withLock { $0.append("lost savepoint") } }
                    throw Stop()
                }
                #expect(done.withLock { $0 } == [])
            }
            try await until("the work is done") { done.withLock { $0.count } == 2 }
            #expect(done.withLock { $0 } == ["outer", "kept savepoint"])
            try? await database.transaction { transaction in
                transaction.afterCommit { done.withLock { $0.append("rolled back") } }
                throw Stop()
            }
            #expect(try await database.first("SELECT count(*) FROM t", Int.self) == 1)
            #expect(done.withLock { $0.count } == 2)
        }
    }

    // behaviour 13
    @Test(arguments: BackEnd.allCases)
    func `a transaction that has escaped its body is refused`(backEnd: BackEnd) async throws {
        try await withTable(backEnd) { database, place async throws in
            let escaped = try await database.transaction { $0 }
            let error = await #expect(throws: DatabaseError.self) {
                try await escaped.execute("INSERT INTO t VALUES (1)")
            }
            #expect(error?.kind == .usage)
            #expect(try await place.count("SELECT count(*) FROM t") == 0)
        }
    }

    @Test(arguments: BackEnd.allCases)
    func `a read sees one moment, and cannot write`(backEnd: BackEnd) async throws {
        try await withTable(backEnd) { database, place async throws in
            try await database.execute("INSERT INTO t VALUES (1)")
            try await database.read { reader in
                #expect(try await reader.first("SELECT count(*) FROM t", Int.self) == 1)
                _ = try await place.query("INSERT INTO t VALUES (2); SELECT 1")
                #expect(try await reader.first("SELECT count(*) FROM t", Int.self) == 1)
            }
            await #expect(throws: DatabaseError.self) {
                try await database.read { _ = try await $0.execute("INSERT INTO t VALUES (3)") }
            }
            #expect(try await place.count("SELECT count(*) FROM t") == 2)
        }
    }
}
