import FoundationEssentials
import GatehouseDatabase
import Hummingbird
import Testing

/// Statements in the words of each dialect: never with a value in an error (row F3), never with U+0000 (row F4).
struct RenderingTests {
    private func error(_ body: () throws -> Void) -> DatabaseError? {
        do { try body() } catch { return error as? DatabaseError }
        return nil
    }

    @Test func `placeholders are those of the dialect`() throws {
        let sql: SQL = "SELECT \(1), \("a") WHERE \(nil as Int?) IS NULL"
        #expect(try sql.rendered(for: .postgreSQL).text == "SELECT $1, $2 WHERE $3 IS NULL")
        #expect(try sql.rendered(for: .mySQL).text == "SELECT ?, ? WHERE ? IS NULL")
        #expect(try sql.rendered(for: .sqlite) == RenderedSQL("SELECT ?, ? WHERE ? IS NULL", parameters: 3))
        #expect(try sql.flatValues(for: .postgreSQL) == [.integer(1), .text("a"), .null])
    }

    @Test func `a text literal with values in it is a value, behaviour 1`() throws {
        let word = "x'; --"
        let sql: SQL = "SELECT \("%\(word)%"), \("plain")"
        #expect(sql.values == [.text("%x'; --%"), .text("plain")])
    }

    @Test func `identifiers are quoted and their quotes doubled, behaviour 1`() throws {
        let name = #"a"b`c"#
        let sql: SQL = "SELECT \(identifier: name)"
        #expect(try sql.rendered(for: .postgreSQL).text == #"SELECT "a""b`c""#)
        #expect(try sql.rendered(for: .sqlite).text == #"SELECT "a""b`c""#)
        #expect(try sql.rendered(for: .mySQL).text == #"SELECT `a"b``c`"#)
    }

    @Test func `lists are the right side of IN and of NOT IN, behaviour 23`() throws {
        let ids = [1, 2, 3]
        let sql: SQL = "SELECT 1 WHERE a IN \(list: ids) AND b not  in \(list: ["x"])"
        #expect(
            try sql.rendered(for: .postgreSQL)
                == RenderedSQL("SELECT 1 WHERE a = ANY($1) AND b <> ALL($2)", parameters: 2))
        #expect(try sql.rendered(for: .mySQL).text == "SELECT 1 WHERE a IN (?, ?, ?, ?) AND b not  in (?)")
        let numbers = ids.map(\.sqlValue)
        #expect(try sql.flatValues(for: .postgreSQL) == [.array(numbers), .array([.text("x")])])
        #expect(try sql.flatValues(for: .sqlite) == numbers + [.integer(3), .text("x")])
    }

    @Test func `an empty list is in nothing, behaviour 23`() throws {
        let sql: SQL = "SELECT 1 WHERE a IN \(list: [Int]()) OR a NOT IN \(list: [Int]())"
        #expect(try sql.rendered(for: .postgreSQL).text == "SELECT 1 WHERE a = ANY($1) OR a <> ALL($2)")
        #expect(try sql.rendered(for: .sqlite).text == "SELECT 1 WHERE a IN () OR a NOT IN ()")
        #expect(
            try sql.rendered(for: .mySQL).text == "SELECT 1 WHERE a IN (SELECT 1 FROM DUAL WHERE FALSE) "
                + "OR a NOT IN (SELECT 1 FROM DUAL WHERE FALSE)")
        #expect(try sql.flatValues(for: .mySQL).isEmpty)
    }

    @Test func `lists of many lengths are few statements`() throws {
        let texts = Set((0...1_000).map { count in ("SELECT 1 WHERE a IN \(list: 0..<count)" as SQL).text })
        #expect(texts.count == 12)
        for count in [0, 1, 2, 3, 4, 5, 8, 9, 1_000, 16_384, 16_385, 40_000] {
            let sql: SQL = "SELECT 1 WHERE a IN \(list: 0..<count)"
            #expect(try sql.rendered(for: .sqlite).parameters == sql.flatValues(for: .sqlite).count, "\(count)")
        }
    }

    @Test(arguments: ["SELECT ", "SELECT a JOIN", "SELECT xin", "VALUES", "SELECT a_in "])
    func `a list elsewhere is an error`(text: String) {
        let sql = SQL(unchecked: text) + "\(list: [1])"
        for dialect in Dialect.allCases {
            #expect(error { _ = try sql.rendered(for: dialect) }?.kind == .usage)
        }
    }

    @Test func `a list or an array in parentheses behind IN is an error that says what to write`() throws {
        let ids = [1, 2]
        let wrong: [SQL] = [
            "SELECT 1 WHERE a IN (\(list: ids))", "SELECT 1 WHERE a NOT IN ( \(list: ids) )",
            "SELECT 1 WHERE a IN (\(ids))", "SELECT 1 WHERE a not in(\n\(ids) )", "SELECT 1 WHERE a IN (\([Int]()))",
        ]
        for sql in wrong {
            for dialect in Dialect.allCases {
                let refused = error { _ = try sql.rendered(for: dialect) }
                #expect(refused?.kind == .usage)
                #expect(refused?.message.contains("as (list: …) right behind IN, without parentheses") == true)
                // The log doubles each backslash.
                #expect(refused?.message.contains("\\") == false)
            }
        }
        // A statement of the same text may be prepared already: that cannot hide it.
        for sql in wrong.dropFirst(2) { #expect(error { _ = try sql.flatValues(for: .sqlite) }?.kind == .usage) }
        let right: [SQL] = [
            "SELECT 1 WHERE a IN (\(1), \(2))", "SELECT 1 WHERE a = ANY(\(ids))", "SELECT join(\(ids))",
            "SELECT 1 WHERE tags IN (\(ids), \([3]))", "INSERT INTO t (a) VALUES (\(ids))",
        ]
        for sql in right {
            for dialect in Dialect.allCases {
                #expect(throws: Never.self) { try sql.rendered(for: dialect) }
                #expect(throws: Never.self) { try sql.flatValues(for: dialect) }
            }
        }
    }

    @Test func `control characters never reach a server, behaviour 25`() {
        let broken: [SQL] = [
            SQL(unchecked: "SELECT 1\0; DROP"), SQL(unchecked: "SELECT \u{1}"), SQL(unchecked: "\u{3}99999999999\u{3}"),
            "SELECT \(identifier: "a\0b")", "SELECT \(identifier: "")", "SELECT \(identifier: "a\u{2}b")",
            "SELECT 1" + SQL(unchecked: "\u{2}"), "SELECT \(SQL(unchecked: "\u{3}"))",
        ]
        for sql in broken {
            #expect(error { _ = try sql.rendered(for: .postgreSQL) }?.kind == .usage)
            #expect(error { _ = try sql.flatValues(for: .postgreSQL) }?.kind == .usage)
        }
        // A literal of the module's own source can say it, too.
        for sql: SQL in ["SELECT \u{1}", "SELECT \u{2}a", "SELECT 1 IN \u{3}x\u{3}", "SELECT 1\0"] {
            #expect(error { _ = try sql.rendered(for: .mySQL) }?.kind == .usage)
        }
    }

    @Test func `U+0000 in a value is the client's fault, behaviour 22`() {
        let name = "a\0b"
        let statements: [SQL] = [
            "SELECT \(name)", "SELECT \([name])", "SELECT 1 WHERE 'a' IN \(list: [name])", "SELECT \(name as String?)",
        ]
        for sql in statements {
            for dialect in Dialect.allCases {
                let refused = error { _ = try sql.flatValues(for: dialect) }
                #expect(refused?.kind == .invalidText)
                #expect(refused?.status == .badRequest)
                #expect(refused?.description.contains("a\0b") == false)
            }
        }
        #expect(throws: Never.self) { try ("SELECT \([0] as [UInt8])" as SQL).flatValues(for: .postgreSQL) }
    }

    @Test func `numbers that a dialect does not have are refused, behaviour 20`() throws {
        func kind(_ value: some ColumnValue, _ dialect: Dialect) -> DatabaseError.Kind? {
            error { _ = try ("SELECT \(value)" as SQL).flatValues(for: dialect) }?.kind
        }
        #expect(kind(UInt64.max, .sqlite) == .data)
        #expect(kind(UInt64.max, .mySQL) == nil)
        #expect(kind(Double.nan, .sqlite) == .data)
        #expect(kind(Double.infinity, .sqlite) == nil)
        #expect(kind(Double.infinity, .mySQL) == .data)
        #expect(kind(Double.nan, .postgreSQL) == nil)
        #expect(kind(Decimal.nan, .postgreSQL) == .data)
    }

    @Test func `a statement is written without its values`() {
        let secret = "secret"
        let sql: SQL = """
            SELECT \(identifier: "a b")
              FROM note WHERE title = \(secret)  AND id IN \(list: [1, 2])

            """
        #expect(sql.written == #"SELECT "a b" FROM note WHERE title = ? AND id IN (?)"#)
        var dumped = ""
        dump(sql, to: &dumped)
        #expect(!"\(sql)\(String(reflecting: sql))\(dumped)".contains(secret))
        #expect(SQL(unchecked: String(repeating: "é", count: 100_000)).written.count == 1_001)
    }

    @Test func `statements are joined with their values`() throws {
        var sql: SQL = "SELECT 1 WHERE "
        sql += ["a = \(1)", "b = \("x")"].joined(separator: " AND ") + " ORDER BY \(identifier: "c")"
        #expect(try sql.rendered(for: .postgreSQL).text == #"SELECT 1 WHERE a = $1 AND b = $2 ORDER BY "c""#)
        #expect(sql.values == [.integer(1), .text("x")])
    }
}
