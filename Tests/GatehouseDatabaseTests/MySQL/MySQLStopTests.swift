import CGatehouseDatabase
import DatabaseTestSupport
import Testing

@testable import GatehouseDatabase

/// Sinks that have had enough, and the rest of the rows.
struct MySQLStopTests {
    /// Stops, or fails, at its first row.
    private final class StoppingSink: RowSink, @unchecked Sendable {
        private let error: DatabaseError?

        init(_ error: DatabaseError? = nil) { self.error = error }

        func take(_ row: ResultRow) throws(DatabaseError) -> RowDemand {
            if let error { throw error }
            return .stop
        }
    }

    private static let count = 20_000

    private func withTable(_ body: (_ client: MySQLClient) async throws -> Void) async throws {
        try await MySQLClient.use { client in
            try await client.run("CREATE TABLE t (a INT PRIMARY KEY, b VARCHAR(200))")
            try await client.run(
                SQL(unchecked: "INSERT INTO t SELECT seq, REPEAT('x', 100) FROM seq_1_to_\(Self.count)"))
            try await body(client)
        }
    }

    @Test func `a statement that writes is carried out, whatever its sink wants`() async throws {
        try await withTable { client in
            let changes = try await client.run("DELETE FROM t RETURNING a, b", into: StoppingSink())
            #expect(changes.rows == Self.count)
            #expect(await client.state == .idle)
            #expect(try await client.texts("SELECT COUNT(*) FROM t") == [["0"]])
        }
    }

    @Test func `a statement that writes and fails while its rows are dropped has failed`() async throws {
        try await withTable { client in
            try await client.run("CREATE TABLE u (a INT PRIMARY KEY, b VARCHAR(200))")
            try await client.run(SQL(unchecked: "INSERT INTO u VALUES (\(Self.count), 'last')"))
            let error = await client.failure(
                "INSERT INTO u SELECT a, b FROM t ORDER BY a RETURNING a, b", into: StoppingSink())
            guard case .unique = error?.kind else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(await client.state == .idle)
            #expect(try await client.texts("SELECT COUNT(*) FROM u") == [["1"]])
        }
    }

    @Test func `a sink of a batch that stops does not end the others`() async throws {
        try await withTable { client in
            let rest = CollectingSink(ColumnsReader(Int.self), atMost: 10)
            let changes = try await client.run(batch: [
                BatchStatement("SELECT a, b FROM t", into: StoppingSink()),
                BatchStatement("INSERT INTO t VALUES (0, 'new')"),
                BatchStatement("SELECT a FROM t WHERE a < 2 ORDER BY a", into: rest),
            ])
            #expect(changes.count == 3 && rest.rows == [0, 1])
            #expect(await client.state == .idle)
            #expect(try await client.texts("SELECT b FROM t WHERE a = 0") == [["new"]])
        }
    }

    @Test func `a sink of a batch that fails undoes the batch`() async throws {
        try await withTable { client in
            do throws(DatabaseError) {
                _ = try await client.run(batch: [
                    BatchStatement("INSERT INTO t VALUES (0, 'new')"),
                    BatchStatement("DELETE FROM t RETURNING a, b", into: StoppingSink(DatabaseError(.data, "bad"))),
                ])
                Issue.record("nothing was thrown")
            } catch {
                #expect(error.kind == .data)
            }
            #expect(await client.state == .idle)
            let left = try await client.texts("SELECT COUNT(*), MIN(a) FROM t")
            #expect(left == [["\(Self.count)", "1"]])
        }
    }

    /// libmariadb leads the fetch to its end when the connection is closed, and writes the row.
    @Test func `a row that comes after its statement was given up has a place, behaviour 25`() async throws {
        let proxy = try FaultProxy(to: .unix(try await MariaDBServer.shared.socket))
        try await MySQLClient.withDatabase { name in
            try await MySQLClient.use(proxy.mysqlURL(name)) { client in
                let sql: SQL = "SELECT IF(seq = 1, REPEAT('x', 1000000), REPEAT('y', 10000)) FROM seq_1_to_2"
                #expect(try await client.run(sql).rows == 2)
                // In the middle of the second row.
                proxy.arm(.stall(after: 1_005_000, .toClient))
                try await client.run(sql, into: StoppingSink())
                #expect(await client.state == .unusable)
                proxy.arm()
                for _ in 0..<10_000 {
                    let waiting = await client.onLoop { connection -> Int32 in
                        guard let handle = (connection as? MySQLConnection)?.handle else { return 0 }
                        var bytes = [UInt8](repeating: 0, count: 20_000)
                        return gatehouse_mysql_peek(handle, &bytes, bytes.count)
                    }
                    if waiting == 0 || waiting == -2 || waiting > 5_000 { break }
                }
                await client.close()
            }
        }
    }
}
