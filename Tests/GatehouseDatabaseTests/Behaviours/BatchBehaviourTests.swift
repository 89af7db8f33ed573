import GatehouseDatabase
import Testing

/// Batches, over every back end: all of one is carried out or nothing.
struct BatchBehaviourTests {
    private func withTable(_ backEnd: BackEnd, _ body: (Database, Place) async throws -> Void) async throws {
        try await backEnd.withDatabase { database, place async throws in
            try await database.execute("CREATE TABLE t (id INT PRIMARY KEY)")
            try await body(database, place)
        }
    }

    private func failure(_ body: () async throws -> Void) async -> DatabaseError.Kind? {
        let error = await #expect(throws: DatabaseError.self) { try await body() }
        return error?.kind
    }

    @Test(arguments: BackEnd.allCases)
    func `a row that is not there undoes the batch`(backEnd: BackEnd) async throws {
        try await withTable(backEnd) { database, place async throws in
            let missing = await failure {
                try await database.batch(
                    Query.execute("INSERT INTO t VALUES (1)"),
                    Query.one("SELECT id FROM t WHERE id = \(9)", as: Int.self),
                    Query.execute("INSERT INTO t VALUES (2)"))
            }
            #expect(missing == .notFound)
            // Neither has a statement a row that gives none ever.
            let rowless = await failure {
                try await database.batch(
                    Query.execute("INSERT INTO t VALUES (3)"), Query.one("DELETE FROM t WHERE id = 9", as: Int.self))
            }
            #expect(rowless == .notFound)
            #expect(try await place.count("SELECT count(*) FROM t") == 0)
            let (_, id) = try await database.batch(
                Query.execute("INSERT INTO t VALUES (4)"), Query.one("SELECT id FROM t", as: Int.self))
            #expect(id == 4)
            #expect(try await place.count("SELECT id FROM t") == 4)
        }
    }

    @Test(arguments: BackEnd.allCases)
    func `a result that is refused undoes its batch, and none beside it`(backEnd: BackEnd) async throws {
        try await withTable(backEnd) { database, place async throws in
            await withTaskGroup(of: Void.self) { group in
                for id in 0..<40 {
                    group.addTask {
                        let insertion = Query.execute("INSERT INTO t VALUES (\(id))")
                        let found: SQL = "SELECT id FROM t WHERE id = \(id)"
                        switch id % 4 {
                        case 0: await #expect(throws: Never.self) { try await database.batch(insertion) }
                        case 1:
                            let results = try? await database.batch(insertion, Query.one(found, as: Int.self))
                            #expect(results?.1 == id)
                        case 2:
                            let absent: SQL = "SELECT id FROM t WHERE id = \(-id)"
                            let kind = await failure {
                                try await database.batch(insertion, Query.one(absent, as: Int.self))
                            }
                            #expect(kind == .notFound)
                        default:
                            let kind = await failure {
                                try await database.batch(insertion, Query.all(found, as: Int.self, atMost: 0))
                            }
                            #expect(kind == .tooManyRows)
                        }
                    }
                }
            }
            #expect(try await place.count("SELECT count(*) FROM t") == 20)
            #expect(try await place.count("SELECT count(*) FROM t WHERE id % 4 > 1") == 0)
        }
    }
}
