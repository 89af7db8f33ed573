import DatabaseTestSupport
@testable import GatehouseDatabase
import Testing

/// A result of a few rows is taken as a whole, which must be seen from the statement's text for certain.
struct RowLimitTests {
    @Test(
        arguments: [
            ("SELECT a FROM t LIMIT 50", .number(50)), ("select a from t\n limit 1 ;\n", .number(1)),
            ("SELECT a FROM t OFFSET 3 LIMIT $12", .parameter(11)), ("SELECT 1 LIMIT $2 OFFSET $3", .parameter(1)),
            ("SELECT 'LIMIT 5' LIMIT 6 OFFSET 7", .number(6)),
        ] as [(String, RowLimit)])
    func `a limit is the last thing that a statement says`(sql: String, limit: RowLimit) {
        #expect(RowLimit(sql) == limit)
    }

    @Test(arguments: [
        "", "LIMIT", "5", "SELECT a FROM t", "SELECT a FROM t -- LIMIT 5", "SELECT a FROM t /* */ LIMIT 5",
        "SELECT 'LIMIT 5'", "SELECT a FROM t, (SELECT 1 LIMIT 5)", "SELECT a FROM t, (SELECT 1 LIMIT 5) OFFSET 3",
        "SELECT a FROM t, (SELECT 1 LIMIT 5) x OFFSET 3", "SELECT a FROM t LIMIT 5 + 5", "SELECT a FROM t LIMIT (5)",
        "SELECT a FROM t LIMIT ALL", "SELECT a FROM t LIMIT NULL", "SELECT a FROM t LIMIT $0",
        "SELECT a FROM t LIMIT $x",
        "SELECT a FROM t LIMIT 5::bigint", "SELECT a FROM t LIMIT -5", "SELECT a AS no_limit 5", "SELECT $$a LIMIT 5$$",
        "SELECT a FROM t LIMIT 99999999999999999999", "SELECT a FROM t WHERE b = 'x LIMIT 5'", "SELECT a.limit 5",
        "SELECT a FROM t FETCH FIRST 5 ROWS ONLY",
    ])
    func `everything else says nothing about the rows`(sql: String) {
        #expect(RowLimit(sql) == nil)
    }

    @Test(arguments: [0, 1, 63, 64, 65, 1_000])
    func `the rows are the same, however they are taken`(count: Int) async throws {
        try await PostgresServer.withSession { session, _ in
            let numbers = (0..<count).map { [String($0 + 1)] as [String?] }
            for _ in 0..<2 {
                let rows = await session.rows("SELECT n FROM generate_series(1, 2000) n ORDER BY n LIMIT \(count)")
                #expect(rows == numbers)
            }
        }
    }

    @Test func `the rows are the same if the text has their number`() async throws {
        try await PostgresServer.withSession { session, _ in
            let rows = await session.rows("SELECT n FROM generate_series(1, 2000) n LIMIT 64 OFFSET 3")
            #expect(rows == (4...67).map { [String($0)] })
        }
    }

    @Test func `an error after some rows is the statement's, and the session goes on`() async throws {
        try await PostgresServer.withSession { session, _ in
            let broken = await session.run("SELECT 1 / (30 - n) FROM generate_series(1, 50) n LIMIT \(50)")
            #expect(throws: DatabaseError.self) { try broken.get() }
            #expect(await session.rows("SELECT 1 LIMIT 1") == [["1"]])
        }
    }
}
