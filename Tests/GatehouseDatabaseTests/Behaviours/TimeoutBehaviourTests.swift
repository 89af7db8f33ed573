import GatehouseDatabase
import HTTPTypes
import Testing

/// Limits of time that are there by default, made short.
struct TimeoutBehaviourTests {
    // behaviour 17
    @Test(arguments: BackEnd.allCases)
    func `a statement that takes too long is an ordinary error`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase({ $0.statementTimeout = .milliseconds(200) }) { database, place async throws in
            for _ in 0..<2 {
                let error = await #expect(throws: DatabaseError.self) {
                    _ = try await database.first(backEnd.sleep(milliseconds: 5_000), Int.self)
                }
                #expect(error?.kind == .timeout)
                #expect(error?.status == .serviceUnavailable)
            }
            #expect(try await database.first("SELECT 1", Int.self) == 1)
            #expect(try await place.openTransactions() == 0)
        }
    }

    // behaviour 17
    @Test(arguments: BackEnd.allCases)
    func `a lock that is held too long by another is an ordinary error`(backEnd: BackEnd) async throws {
        // MariaDB counts in seconds.
        try await backEnd.withDatabase({ $0.lockTimeout = .seconds(1) }) { database, place async throws in
            try await database.execute("CREATE TABLE t (id INT PRIMARY KEY, n INT)")
            try await database.execute("INSERT INTO t VALUES (1, 1)")
            try await place.withDatabase { other in
                try await other.transaction { transaction in
                    try await transaction.execute("UPDATE t SET n = 2 WHERE id = 1")
                    let error = await #expect(throws: DatabaseError.self) {
                        try await Self.update(database)
                    }
                    #expect(error?.kind == .timeout)
                }
            }
            try await Self.update(database)
            #expect(try await place.count("SELECT n FROM t") == 3)
        }
    }

    /// Outside of the other database's transaction, as another caller.
    private static func update(_ database: Database) async throws {
        try await Task { _ = try await database.execute("UPDATE t SET n = 3 WHERE id = 1") }.value
    }

    // behaviour 17
    @Test(arguments: BackEnd.servers)
    func `a transaction that rests too long is ended, and its caller hears so`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase({ $0.idleTransactionTimeout = .seconds(1) }) { database, place async throws in
            try await database.execute("CREATE TABLE t (id INT PRIMARY KEY)")
            let error = await #expect(throws: DatabaseError.self) {
                try await database.transaction { transaction in
                    try await transaction.execute("INSERT INTO t VALUES (1)")
                    try await until("the server has ended it") { try await place.openTransactions() == 0 }
                    try await transaction.execute("INSERT INTO t VALUES (2)")
                }
            }
            switch error?.kind {
            case .timeout, .connectionLost: break
            default: Issue.record("\(String(describing: error))")
            }
            #expect(try await place.count("SELECT count(*) FROM t") == 0)
            #expect(try await database.first("SELECT 1", Int.self) == 1)
        }
    }
}
