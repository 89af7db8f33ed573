import FoundationEssentials
import GatehouseDatabase
import Testing

struct EncodingTests {
    private enum Color: String, Codable { case red }

    @Test func `a row is inserted by its properties, in snake case and without nil`() throws {
        struct Note: Encodable {
            var id: Int?
            var title = "a"
            var createdAt = Date(timeIntervalSince1970: 0)
            var color = Color.red
            var tags = ["x"]
            var place = ["x": 1]
            var more = JSON(["k"])
            var data: [UInt8] = [1]
            var isDone = false
        }
        let sql = try SQL(inserting: Note(), into: "note", for: .postgreSQL)
        #expect(
            try sql.rendered(for: .postgreSQL).text
                == #"INSERT INTO "note" ("title", "created_at", "color", "tags", "place", "more", "data", "is_done") "#
                + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
        #expect(
            sql.values == [
                .text("a"), .instant(microseconds: 0), .text("red"), .array([.text("x")]), .json(#"{"x":1}"#),
                .json(#"["k"]"#), .bytes([1]), .bool(false),
            ])
    }

    @Test func `a row without values is inserted with the columns' defaults`() throws {
        struct Empty: Encodable { var id: Int? }
        #expect(
            try SQL(inserting: Empty(), into: "t", for: .sqlite).rendered(for: .sqlite).text
                == #"INSERT INTO "t" DEFAULT VALUES"#)
        #expect(
            try SQL(inserting: Empty(), into: "t", for: .mySQL).rendered(for: .mySQL).text
                == "INSERT INTO `t` () VALUES ()")
    }

    @Test func `a column's name cannot break out of its quotes, behaviour 1`() throws {
        let sql = try SQL(inserting: [#"a") VALUES (1); --"#: 1], into: #"t"; --"#, for: .postgreSQL)
        #expect(
            try sql.rendered(for: .postgreSQL).text == #"INSERT INTO "t""; --" ("a"") values (1); --") VALUES ($1)"#)
    }

    @Test func `values that are no rows are errors`() {
        struct Parts: Encodable {
            enum Key: CodingKey { case a }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Key.self)
                var nested = container.nestedUnkeyedContainer(forKey: .a)
                try nested.encode(1)
            }
        }
        for row: any Encodable in [5, "a", [1, 2], Parts()] {
            #expect { try SQL(inserting: row, into: "t", for: .sqlite) } throws: {
                ($0 as? DatabaseError)?.kind == .usage
            }
        }
    }
}
