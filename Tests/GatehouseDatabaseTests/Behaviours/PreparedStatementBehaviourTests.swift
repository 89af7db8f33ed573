import DatabaseTestSupport
import GatehouseDatabase
import Testing

/// Prepared statements, and those who forget them: poolers and changes of the schema.
struct PreparedStatementBehaviourTests {
    // behaviour 15
    @Test(arguments: BackEnd.allCases)
    func `after a change of the schema a prepared statement is prepared anew`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase({ $0.connections = 1 }) { database, place async throws in
            struct Note: Decodable, Equatable {
                var id: Int
                var title: String?
            }
            try await database.execute("CREATE TABLE note (id INT)")
            try await database.execute("INSERT INTO note VALUES (1)")
            for _ in 0..<3 { _ = try await database.all("SELECT * FROM note WHERE id = \(1)", as: Note.self) }
            _ = try await place.query(
                "ALTER TABLE note ADD COLUMN title VARCHAR(20); UPDATE note SET title = 'new'; SELECT 1")
            for _ in 0..<3 {
                let notes = try await database.all("SELECT * FROM note WHERE id = \(1)", as: Note.self)
                #expect(notes == [Note(id: 1, title: "new")])
            }
            try await database.transaction { transaction async throws in
                #expect(
                    try await transaction.first("SELECT * FROM note WHERE id = \(1)", as: Note.self)?.title == "new")
            }
        }
    }

    // behaviour 15
    @Test(arguments: BackEnd.allCases)
    func `a table that is made again is found by a prepared statement`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase({ $0.connections = 1 }) { database, place async throws in
            try await place.withDatabase { other in
                for type: SQL in ["INT", "VARCHAR(20)"] {
                    try await other.execute("CREATE TABLE t (a \(type))")
                    try await other.execute("INSERT INTO t VALUES (7)")
                    for _ in 0..<2 { #expect(try await database.first("SELECT a FROM t", String.self) == "7") }
                    try await other.execute("DROP TABLE t")
                    await #expect(throws: DatabaseError.self) {
                        _ = try await database.first("SELECT a FROM t", String.self)
                    }
                }
            }
        }
    }

    // behaviour 14
    @Test(arguments: [false, true])
    func `pgbouncer in transaction mode serves many callers`(prepares: Bool) async throws {
        let server = try await PostgresServer.shared
        let bouncer = try await PgBouncer.start(to: server, ["default_pool_size": "2"])
        try await server.withDatabase { name in
            let place = Place(.postgreSQL, url: bouncer.url(name)) { try await server.query($0, in: name) }
            try await place.withDatabase({ settings in
                settings.connections = 8
                settings.preparedStatements = prepares
            }) { database async throws in
                try await database.execute("CREATE TABLE t (id INT)")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            try await database.transaction { transaction in
                                try await transaction.execute("INSERT INTO t VALUES (\(number))")
                                #expect(
                                    try await transaction.first("SELECT id FROM t WHERE id = \(number)", Int.self)
                                        == number)
                            }
                            #expect(try await database.first("SELECT \(number) + 1", Int.self) == number + 1)
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await place.count("SELECT count(*) FROM t") == 100)
            }
        }
        try await bouncer.stop()
    }
}
