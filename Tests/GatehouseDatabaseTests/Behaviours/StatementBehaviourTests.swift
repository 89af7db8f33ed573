import GatehouseDatabase
import HTTPTypes
import Testing

/// Statements and their values, over every back end.
struct StatementBehaviourTests {
    // behaviour 1
    @Test(arguments: BackEnd.allCases)
    func `a value is bound and never pasted`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase { database, place async throws in
            let text = #"'; DROP TABLE note; -- " ` \ $1 ? :a"#
            try await database.execute("CREATE TABLE note (title VARCHAR(100))")
            try await database.execute("INSERT INTO note (title) VALUES (\(text))")
            #expect(try await database.all("SELECT title FROM note WHERE title = \(text)", String.self) == [text])
            #expect(try await place.query("SELECT title FROM note") == [[text]])
        }
    }

    // behaviour 1
    @Test(arguments: BackEnd.allCases)
    func `an identifier is quoted, with its quotes doubled`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase { database, _ async throws in
            let name = #"a "b" `c` d"#
            try await database.execute("CREATE TABLE \(identifier: name) (\(identifier: "order") INT)")
            try await database.execute("INSERT INTO \(identifier: name) VALUES (\(3))")
            #expect(try await database.first("SELECT \(identifier: "order") FROM \(identifier: name)", Int.self) == 3)
        }
    }

    // behaviour 19
    @Test(arguments: BackEnd.allCases)
    func `a forgotten LIMIT is an error of that caller`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase { database, _ async throws in
            let numbers: SQL = "SELECT a.n FROM \(Self.hundred) a, \(Self.hundred) b, \(Self.hundred) c"
            let error = await #expect(throws: DatabaseError.self) {
                _ = try await database.all(numbers, Int.self)
            }
            #expect(error?.kind == .tooManyRows)
            #expect(error?.message.contains("10000") == true || error?.message.contains("10,000") == true)
            #expect(try await database.first("SELECT 1", Int.self) == 1)
        }
    }

    private static let hundred: SQL = """
        (WITH RECURSIVE step AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM step WHERE n < 100) SELECT n FROM step)
        """

    // behaviour 20
    @Test(arguments: BackEnd.allCases)
    func `an integer that does not fit is an error, and the connection goes on`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase { database, _ async throws in
            for _ in 0..<2 {
                let error = await #expect(throws: DatabaseError.self) {
                    _ = try await database.first("SELECT 300 AS n", UInt8.self)
                }
                #expect(error?.kind == .data)
                #expect(error?.message.contains("300") == false)
            }
            #expect(try await database.first("SELECT \(Int.max)", Int.self) == .max)
            #expect(try await database.first("SELECT \(Int.min)", Int.self) == .min)
        }
    }

    // behaviour 21
    @Test(arguments: BackEnd.allCases)
    func `sessions run in UTC`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase { database, _ async throws in
            let zone: SQL? =
                switch backEnd {
                case .postgreSQL: "SELECT current_setting('TimeZone')"
                case .mariaDB: "SELECT @@session.time_zone"
                case .sqlite: nil
                }
            if let zone { #expect(try await ["UTC", "+00:00"].contains(database.one(zone, String.self))) }
            let year: SQL =
                backEnd == .sqlite
                ? "SELECT strftime('%Y', \("2020-01-01 00:30:00"))" : "SELECT EXTRACT(YEAR FROM \(SQL.start))"
            #expect(try await database.first(year, String.self) == "2020")
        }
    }

    // behaviour 22
    @Test(arguments: BackEnd.allCases)
    func `text is UTF-8 of four bytes, and U+0000 is the client's fault`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase { database, place async throws in
            try await database.execute("CREATE TABLE note (title VARCHAR(100))")
            try await database.execute("INSERT INTO note VALUES (\("🦉 ß 漢"))")
            #expect(try await place.query("SELECT title FROM note") == [["🦉 ß 漢"]])
            let error = await #expect(throws: DatabaseError.self) {
                try await database.execute("INSERT INTO note VALUES (\("a\0b"))")
            }
            #expect(error?.status == .badRequest)
            #expect(try await place.count("SELECT count(*) FROM note") == 1)
        }
    }

    // behaviour 23
    @Test(arguments: BackEnd.allCases)
    func `a list works in IN and NOT IN, the empty one too`(backEnd: BackEnd) async throws {
        try await backEnd.withDatabase { database, _ async throws in
            try await database.execute("CREATE TABLE t (id INT)")
            try await database.execute("INSERT INTO t VALUES (1), (2), (3), (NULL)")
            func ids(_ condition: SQL) async throws -> [Int] {
                try await database.all("SELECT id FROM t WHERE id IS NOT NULL AND \(condition) ORDER BY id", Int.self)
            }
            #expect(try await ids("id IN \(list: [1, 3, 5])") == [1, 3])
            #expect(try await ids("id NOT IN \(list: [1, 3, 5])") == [2])
            #expect(try await ids("id IN \(list: [Int]())") == [])
            #expect(try await ids("id NOT IN \(list: [Int]())") == [1, 2, 3])
        }
    }
}

extension SQL {
    fileprivate static let start: SQL = "TIMESTAMP '2020-01-01 00:30:00'"
}
