import DatabaseTestSupport
import GatehouseDatabase
import Hummingbird
import Testing

struct PostgreSQLStatementTests {
    @Test func `a value is bound and a row comes back`() async throws {
        try await PostgresServer.withSession { session, _ in
            let hostile = "'; DROP TABLE note; --"
            #expect(
                await session.rows("SELECT \(hostile)::text, \(7)::int + 1, \(String?.none as String?)::text") == [
                    [hostile, "8", nil]
                ])
            #expect(await session.state == .idle)
        }
    }

    @Test func `the outcome has the number of rows`() async throws {
        try await PostgresServer.withSession { session, _ in
            await session.run("CREATE TABLE note (id int, title text)")
            let inserted = await session.run("INSERT INTO note SELECT n, 'a' FROM generate_series(1, 5) n")
            #expect(inserted == .success(Changes(rows: 5)))
            #expect(await session.run("UPDATE note SET title = \("b") WHERE id > \(3)") == .success(Changes(rows: 2)))
            #expect(await session.run("SELECT * FROM note") == .success(Changes(rows: 5)))
            #expect(await session.run("DELETE FROM note WHERE id = \(9)") == .success(Changes(rows: 0)))
        }
    }

    @Test(arguments: [true, false])
    func `values of every kind go and come`(prepares: Bool) async throws {
        try await PostgresServer.withSession({ $0.preparedStatements = prepares }) { session, _ in
            await session.run(
                """
                CREATE TABLE kind (b bool, i bigint, d double precision, n numeric, t text, y bytea, z timestamptz,
                  u uuid, j jsonb, a int[])
                """)
            let bytes: [UInt8] = [0, 1, 255, 0x5c, 0x27]
            let row: SQL = """
                INSERT INTO kind VALUES (\(true), \(Int64.min), \(0.1), \(raw: .decimal("-12.50")),
                \("é\u{1F600}\\\"{},"), \(bytes), \(raw: .instant(microseconds: 1_700_000_000_123_456)),
                \(raw: .uuid("00112233-4455-6677-8899-aabbccddeeff")), \(raw: .json(#"{"a": [1]}"#)), \([1, 2, 3]))
                """
            for _ in 0..<2 { #expect(await session.run(row) == .success(Changes(rows: 1))) }
            #expect(
                await session.rows("SELECT * FROM kind LIMIT \(1)") == [
                    [
                        "t", "-9223372036854775808", "0.1", "-12.50", "é\u{1F600}\\\"{},", "\\x0001ff5c27",
                        "2023-11-14 22:13:20.123456+00", "00112233-4455-6677-8899-aabbccddeeff", #"{"a": [1]}"#,
                        "{1,2,3}",
                    ]
                ])
        }
    }

    @Test func `a list works in IN and NOT IN, the empty one too, behaviour 23`() async throws {
        try await PostgresServer.withSession { session, _ in
            let none: [Int] = []
            #expect(
                await session.rows("SELECT n FROM generate_series(1, 4) n WHERE n IN \(list: [2, 4])") == [
                    ["2"], ["4"],
                ])
            #expect(await session.rows("SELECT n FROM generate_series(1, 2) n WHERE n IN \(list: none)") == [])
            #expect(
                await session.rows("SELECT n FROM generate_series(1, 2) n WHERE n NOT IN \(list: none)") == [
                    ["1"], ["2"],
                ])
            #expect(await session.rows("SELECT \("x") IN \(list: ["a,b", "x", #"q"\"#])") == [["t"]])
        }
    }

    @Test func `many columns and rows of ten megabytes arrive whole`() async throws {
        try await PostgresServer.withSession { session, _ in
            let big = String(repeating: "0123456789", count: 1_000_000)
            #expect(await session.rows("SELECT \(big)::text, length(\(big)::text)") == [[big, "10000000"]])
            let row = await session.rows(
                "SELECT * FROM (SELECT 1) a, (SELECT \(big)::text AS t) b, generate_series(1, 3)")
            #expect(row.map { $0[1]?.utf8.count } == [10_000_000, 10_000_000, 10_000_000])
        }
    }

    @Test func `a statement with a hundred megabytes is taken, or refused with an error`() async throws {
        try await PostgresServer.withSession { session, _ in
            let bytes = [UInt8](repeating: 7, count: 100_000_000)
            #expect(await session.rows("SELECT length(\(bytes)::bytea)") == [["100000000"]])
            #expect(await session.state == .idle)
        }
    }

    @Test func `mistakes of the statement are usage errors and leave the connection usable`() async throws {
        try await PostgresServer.withSession { session, _ in
            let mistakes: [SQL] = [
                "", " -- nothing", "SELECT 1; SELECT 2", "SELEC 1", "SELECT x", "SELECT '\(1)'", "SELECT $1",
                "COPY (SELECT 1) TO STDOUT", "/* a /* b */ */ copy pg_class from stdin", "SELECT \(identifier: "")",
            ]
            for sql in mistakes {
                let error = try await session.failure(sql)
                #expect(error.kind == .usage, "\(sql): \(error)")
                #expect(await session.state == .idle, "\(sql)")
            }
            #expect(await session.rows("SELECT 1") == [["1"]])
        }
    }

    @Test func `U+0000 in a text is the client's fault, behaviour 22`() async throws {
        try await PostgresServer.withSession { session, _ in
            let error = try await session.failure("SELECT \("a\u{0}b")::text")
            #expect(error.kind == .invalidText)
            #expect(error.status == .badRequest)
            #expect(
                await session.rows("SELECT \("\u{1F600}")::text, current_setting('client_encoding')") == [
                    ["\u{1F600}", "UTF8"]
                ])
        }
    }

    @Test func `sessions run in UTC whatever the server's zone is, behaviour 21`() async throws {
        try await PostgresServer.withSession { session, database in
            let zone = try await PostgresServer.shared.query("SHOW TimeZone", in: database)
            #expect(zone != [["UTC"]])
            #expect(
                await session.rows("SELECT current_setting('TimeZone'), timestamptz '2026-01-02 03:04:05+02'") == [
                    ["UTC", "2026-01-02 01:04:05+00"]
                ])
        }
    }
}

extension SQL.Interpolation {
    fileprivate mutating func appendInterpolation(raw value: SQLValue) {
        appendInterpolation(RawValue(sqlValue: value))
    }

    /// Text without a literal.
    fileprivate mutating func appendInterpolation(raw text: String) { appendInterpolation(SQL(unchecked: text)) }
}

private struct RawValue: ColumnValue {
    let sqlValue: SQLValue

    init(sqlValue: SQLValue) { self.sqlValue = sqlValue }

    init(_ cell: Cell) throws(CellError) { throw CellError("is not read") }
}
