import DatabaseTestSupport
import FoundationEssentials
import Testing

@testable import GatehouseDatabase

struct MySQLTypeTests {
    @Test func `numbers are exact, behaviour 20`() async throws {
        try await MySQLClient.use { client in
            try await client.run(
                """
                CREATE TABLE n (a TINYINT, b SMALLINT UNSIGNED, c MEDIUMINT, d INT UNSIGNED, e BIGINT,
                    f BIGINT UNSIGNED, g DECIMAL(38, 10), h DOUBLE, i FLOAT, j BIT(1), k BIT(64), l YEAR, m BOOL)
                """)
            let unsigned: SQLValue = .unsigned(.max)
            try await client.run(
                """
                INSERT INTO n VALUES (\(Int8.min), \(UInt16.max), \(-8_388_608), \(UInt32.max), \(Int64.min),
                    \(Bound(unsigned)), \(Bound(.decimal("1234567890123456789012345678.0123456789"))), \(0.1), \(0.5),
                    \(true), \(Bound(unsigned)), \(2026), \(true))
                """)
            let row = try await client.texts("SELECT * FROM n")[0]
            #expect(
                row == [
                    "-128", "65535", "-8388608", "4294967295", "-9223372036854775808", "18446744073709551615",
                    "1234567890123456789012345678.0123456789", "0.1", "0.5", "1", "18446744073709551615", "2026", "1",
                ])
            let some = try await client.rows(
                "SELECT f, g, h, j, m FROM n", UInt64.self, Decimal.self, Double.self, Bool.self, Bool.self)
            #expect(
                some[0].0 == .max && "\(some[0].1)" == "1234567890123456789012345678.0123456789" && some[0].2 == 0.1)
            #expect(some[0].3 && some[0].4)
            do {
                _ = try await client.rows("SELECT f FROM n", Int.self)
                Issue.record("2^64 - 1 was read as Int")
            } catch let error as DatabaseError {
                #expect(error.kind == .data && error.statement == "SELECT f FROM n")
            }
            #expect(await client.failure("INSERT INTO n (a) VALUES (\(128))")?.kind == .data)
            #expect(await client.failure("INSERT INTO n (h) VALUES (\(Double.nan))")?.kind == .data)
        }
    }

    @Test func `an instant is UTC, whatever the server's zone is, behaviour 21`() async throws {
        try await MySQLClient.use { client in
            try await client.run("CREATE TABLE m (a DATETIME(6), b TIMESTAMP(6) NULL, c DATE, d TIME(3), e DATETIME)")
            let date = Date(timeIntervalSince1970: 1_700_000_000.123456)
            try await client.run("INSERT INTO m VALUES (\(date), \(date), \(date), '-34:05:06.789', \(date))")
            let row = try await client.texts("SELECT * FROM m")[0]
            #expect(
                row == [
                    "2023-11-14 22:13:20.123456", "2023-11-14 22:13:20.123456", "2023-11-14", "-34:05:06.789",
                    "2023-11-14 22:13:20",
                ])
            let read = try await client.rows(
                "SELECT a, b FROM m WHERE a = \(date) AND b = \(date)", Date.self, Date.self)
            #expect(read.count == 1)
            for value in [read[0].0, read[0].1] { #expect(abs(value.timeIntervalSince(date)) < 0.000_001) }
            for seconds in [-62_135_596_800.0, -2_208_988_800, -1, 0, 951_782_400, 253_402_300_799] {
                let edge = Date(timeIntervalSince1970: seconds)
                #expect(try await client.rows("SELECT CAST(\(edge) AS DATETIME(6))", Date.self) == [edge])
            }
            let now = try await client.rows("SELECT UNIX_TIMESTAMP(), NOW()", Int.self, Date.self)[0]
            #expect(abs(Double(now.0) - now.1.timeIntervalSince1970) < 2)
            #expect(await client.failure("INSERT INTO m (a) VALUES ('0000-00-00')")?.kind == .data)
            #expect(await client.failure("INSERT INTO m (a) VALUES ('2023-02-30')")?.kind == .data)
        }
    }

    @Test func `text is UTF-8 of four bytes, and U+0000 the client's fault, behaviour 22`() async throws {
        try await MySQLClient.use { client in
            try await client.run("CREATE TABLE t (a TEXT, b VARCHAR(10), c CHAR(4), d ENUM('x', 'ü'), e SET('p', 'q'))")
            try await client.run("INSERT INTO t VALUES (\("🦉é"), \(""), \("a"), \("ü"), \("p,q"))")
            #expect(try await client.texts("SELECT * FROM t") == [["🦉é", "", "a", "ü", "p,q"]])
            #expect(try await client.texts("SELECT CHAR_LENGTH(a), LENGTH(a) FROM t") == [["2", "6"]])
            #expect(await client.failure("INSERT INTO t (a) VALUES (\("a\u{0}b"))")?.kind == .invalidText)
            let long = await client.failure("INSERT INTO t (b) VALUES (\("secret and long"))")
            #expect(
                long?.kind == .data && long?.sqlState == "22001" && long.map { !"\($0)".contains("secret") } == true)
        }
    }

    @Test func `UUIDs, bytes, JSON and arrays have one meaning, behaviour 23`() async throws {
        try await MySQLClient.use { client in
            try await client.run(
                "CREATE TABLE v (a CHAR(36), b BINARY(16), c BLOB, d JSON, e VARBINARY(9), f UUID, g GEOMETRY)")
            let id = try #require(UUID(uuidString: "00112233-4455-6677-8899-AABBCCDDEEFF"))
            let bytes: [UInt8] = Array(0...255)
            try await client.run(
                """
                INSERT INTO v VALUES (\(id), UNHEX(REPLACE(\(id), '-', '')), \(bytes), \(JSON(["k": [1, 2]])),
                    \([UInt8]()), \(id), ST_GeomFromText('POINT(1 2)'))
                """)
            let row = try await client.rows(
                "SELECT a, b, c, d, e, f FROM v", UUID.self, UUID.self, [UInt8].self, JSON<[String: [Int]]>.self,
                [UInt8].self, UUID.self)[0]
            #expect(row.0 == id && row.1 == id && row.2 == bytes && row.3.value == ["k": [1, 2]])
            #expect(row.4 == [] && row.5 == id)
            #expect(try await client.rows("SELECT g FROM v", [UInt8].self)[0].count == 25)
            try await client.run("UPDATE v SET d = \([1, 2, 3])")
            #expect(try await client.rows("SELECT d FROM v WHERE f = \(id)", [Int].self) == [[1, 2, 3]])
        }
    }

    @Test func `NULL goes both ways for every type`() async throws {
        try await MySQLClient.use { client in
            try await client.run(
                "CREATE TABLE o (a INT, b DOUBLE, c TEXT, d DATETIME, e BLOB, f BIT(3), g DECIMAL(5,2))")
            let none: String? = nil
            try await client.run(
                """
                INSERT INTO o VALUES (\(none), \(none), \(none), \(none), \(none), \(none), \(none)),
                    (1, 1, 'c', NOW(), 'e', 5, 1.5)
                """
            )
            #expect(try await client.texts("SELECT * FROM o ORDER BY a")[0] == [nil, nil, nil, nil, nil, nil, nil])
            #expect(
                try await client.texts("SELECT a, b, c, f, g FROM o ORDER BY a DESC")[0] == [
                    "1", "1.0", "c", "5", "1.50",
                ])
            #expect(try await client.texts("SELECT NULL, \(none)") == [[nil, nil]])
        }
    }

    @Test func `values of any size go both ways, one row after the other`() async throws {
        try await MySQLClient.use { client in
            try await client.run("CREATE TABLE big (id INT, v LONGBLOB, w LONGTEXT)")
            let sizes = [0, 1, 63, 64, 65, 250, 251, 65_535, 65_536, 1_000_000, 3, 15_000_000, 10]
            for (id, size) in sizes.enumerated() {
                let bytes = [UInt8](repeating: UInt8(id), count: size)
                let text = String(repeating: "é", count: size / 100)
                try await client.run("INSERT INTO big VALUES (\(id), \(bytes), \(text))")
            }
            let rows = try await client.rows(
                "SELECT id, v, w FROM big ORDER BY id", Int.self, [UInt8].self, String.self)
            #expect(rows.map(\.1.count) == sizes && rows.map(\.2.count) == sizes.map { $0 / 100 })
            for (id, row) in rows.enumerated() { #expect(row.1.allSatisfy { $0 == UInt8(id) }) }
        }
    }

    /// A value as it is bound.
    private struct Bound: ColumnValue {
        var sqlValue: SQLValue
        init(_ value: SQLValue) { sqlValue = value }
        init(_ cell: Cell) throws(CellError) { throw CellError("is not read") }
    }
}
