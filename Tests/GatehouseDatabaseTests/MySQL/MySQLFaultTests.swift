import DatabaseTestSupport
import Testing

@testable import GatehouseDatabase

/// A network that cuts, stalls and splits.
struct MySQLFaultTests {
    private func withProxy(_ body: (_ proxy: FaultProxy, _ url: String) async throws -> Void) async throws {
        let proxy = try FaultProxy(to: .unix(try await MariaDBServer.shared.socket))
        try await MySQLClient.withDatabase { name in try await body(proxy, proxy.mysqlURL(name)) }
    }

    @Test func `an answer may come byte by byte, behaviour 25`() async throws {
        try await withProxy { proxy, url in
            try await MySQLClient.use(url) { client in
                try await client.run("CREATE TABLE t (a INT, b VARCHAR(100))")
                proxy.arm(.drip(.toClient))
                try await client.run("INSERT INTO t VALUES (1, \("x")), (2, \("y"))")
                let rows = try await client.rows("SELECT a, b FROM t ORDER BY a", Int.self, String.self)
                #expect(rows.map(\.0) == [1, 2] && rows.map(\.1) == ["x", "y"])
                #expect(await client.failure("SELECT c FROM t")?.kind == .usage)
                #expect(await client.state == .idle)
            }
        }
    }

    @Test(arguments: [0, 1, 3, 4, 5, 8, 20, 40, 60, 90])
    func `an answer that breaks off is an error that says what is known, behaviour 6`(bytes: Int) async throws {
        try await withProxy { proxy, url in
            try await MySQLClient.use(url) { client in
                let sql: SQL = "SELECT 1, 'two', NOW(), REPEAT('x', 1000) FROM seq_1_to_3 WHERE 1 = \(1)"
                try await client.run(sql)
                proxy.arm(.cut(after: bytes, .toClient))
                #expect(await client.failure(sql)?.kind == .connectionLost(sent: true))
                #expect(await client.state == .unusable)
                proxy.arm()
            }
            // A longer answer may have come whole.
            if bytes > 20 { return }
            try await MySQLClient.use(url) { client in
                proxy.arm(.cut(after: bytes, .toClient))
                // Nothing is carried out by a preparation.
                #expect(await client.failure("DELETE FROM missing")?.kind == .connectionLost(sent: false))
                proxy.arm()
            }
        }
    }

    @Test(arguments: [0, 5, 30, 70, 90, 120, 160, 200])
    func `a connection that breaks off while it is made is an error`(bytes: Int) async throws {
        try await withProxy { proxy, url in
            proxy.arm(.cut(after: bytes, .toClient))
            do {
                // A login may be short enough.
                let client = try await MySQLClient.connect(url)
                await client.close()
            } catch let error as DatabaseError {
                #expect(error.kind == .connectionLost(sent: false))
            }
            proxy.arm()
        }
    }

    @Test func `a statement whose cancellation cannot be asked for ends with its connection, behaviour 9`() async throws
    {
        try await withProxy { proxy, url in
            try await MySQLClient.use(url, { $0.connectTimeout = .seconds(1) }) { client in
                try await client.run("SELECT \(1)")
                proxy.arm(.stall(after: 0, .toClient))
                async let error = client.failure("SELECT \(2)")
                while await client.state != .busy {}
                await client.onLoop { $0.cancel() }
                #expect(await error?.kind == .cancelled)
                #expect(await client.state == .unusable)
                proxy.arm()
            }
        }
    }

    @Test func `a connection that ends while idle is heard at once, behaviour 5`() async throws {
        try await withProxy { proxy, url in
            try await MySQLClient.use(url) { client in
                try await client.run("SELECT 1")
                let losses = await client.losses()
                #expect(await client.state == .idle)
                proxy.cutAll()
                for await _ in losses {}
                #expect(await client.failure("SELECT 1")?.kind == .connectionLost(sent: false))
            }
        }
    }

    @Test func `a value of many packets survives a slow reader`() async throws {
        try await withProxy { proxy, url in
            try await MySQLClient.use(url) { client in
                proxy.arm(.split(after: 100_000, .toServer), .split(after: 50_000, .toClient))
                let bytes = [UInt8](repeating: 7, count: 5_000_000)
                let rows = try await client.rows("SELECT \(bytes)", [UInt8].self)
                #expect(rows == [bytes])
            }
        }
    }
}
