import FoundationEssentials
import GatehouseDatabase
import Testing

/// Rows become values; memory of a row that is gone is not read (row F2), and no error tells a value (row F3).
struct DecodingTests {
    private enum Color: String, Codable { case red, blue }
    private enum Level: Int, Codable, ColumnValue { case low = 1, high = 2 }
    private struct Place: Codable, Equatable { var x: Int; var y: Int }

    private struct Note: Codable {
        var id: Int
        var title: String
        var createdAt: Date
        var ownerID: Int?
        var color: Color
        var level: Level
        var place: Place
        var tags: [String]
        var more: JSON<[String: Int]>
        var missing: String?
    }

    private func read<Row: Decodable>(_ row: TestRow, as: Row.Type = Row.self) throws(DatabaseError) -> Row {
        try DecodableReader(Row.self).read(row)
    }

    private func failure<Row: Decodable>(_ row: TestRow, as: Row.Type) -> DatabaseError? {
        do { _ = try read(row, as: Row.self) } catch { return error }
        return nil
    }

    @Test func `a row becomes a type, by names and by names in snake case`() throws {
        let row = TestRow([
            "title": "a", "id": "5", "created_at": "1970-01-01 00:00:01+00", "owner_id": nil, "color": "blue",
            "level": "2", "place": #"{"x":1,"y":2}"#, "tags": "{a,b}", "more": #"{"k":1}"#,
        ])
        let note = try read(row, as: Note.self)
        #expect(note.id == 5 && note.title == "a" && note.ownerID == nil && note.color == .blue && note.level == .high)
        #expect(note.createdAt.timeIntervalSince1970 == 1)
        #expect(note.place == Place(x: 1, y: 2) && note.tags == ["a", "b"] && note.more.value == ["k": 1])
    }

    @Test func `rows of one result may follow each other in any order of keys`() throws {
        struct Turning: Decodable {
            var a: Int
            var b: Int
            enum CodingKeys: CodingKey { case a, b }
            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                let first = try container.decode(Int.self, forKey: .a)
                b = first.isMultiple(of: 2) ? try container.decode(Int.self, forKey: .b) : 0
                a = try container.decode(Int.self, forKey: .a)
                #expect(container.contains(.b))
                #expect(try !container.decodeNil(forKey: .b))
            }
        }
        let columns = ColumnNames(["b", "a"])
        let reader = DecodableReader(Turning.self)
        for number in 0..<20 as Range<Int64> {
            let row = try reader.read(TestRow(columns, [.integer(number + 100), .integer(number)], .sqlite))
            #expect(row.a == number && row.b == (number.isMultiple(of: 2) ? number + 100 : 0))
        }
        let other = TestRow(["a": 1, "b": 2], .sqlite)
        #expect(try reader.read(other).a == 1)
    }

    @Test func `a row becomes a dictionary, or an object with the columns of its superclass`() throws {
        class Base: Decodable {
            var id: Int
        }
        final class Derived: Base {
            var title: String
            enum CodingKeys: CodingKey { case title }
            required init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                title = try container.decode(String.self, forKey: .title)
                try super.init(from: container.superDecoder())
            }
        }
        let row = TestRow(["id": "5", "title": "7"])
        #expect(try read(row, as: [String: Int].self) == ["id": 5, "title": 7])
        let object = try read(row, as: Derived.self)
        #expect(object.id == 5 && object.title == "7")
    }

    @Test func `a row of one column is a value`() throws {
        #expect(try read(TestRow(["n": "5"]), as: Int.self) == 5)
        #expect(try read(TestRow(["n": nil]), as: Int?.self) == nil)
        #expect(try read(TestRow(["n": "red"]), as: Color.self) == .red)
        #expect(try read(TestRow(["n": #"\x61"#]), as: [UInt8].self) == [97])
        #expect(try read(TestRow(["n": "0.5"]), as: Decimal.self) == Decimal(string: "0.5"))
        #expect(failure(TestRow(["n": "5", "m": "6"]), as: Int.self)?.kind == .usage)
        #expect(failure(TestRow(["n": "5", "m": "6"]), as: Color.self)?.kind == .usage)
    }

    @Test func `an error names the column and the type, and never the value`() {
        struct Counted: Decodable { var count: Int8 }
        struct Colored: Decodable { var color: Color }
        struct Placed: Decodable { var place: Place }
        let secret = "4111111111111111"
        let cases: [(DatabaseError?, String)] = [
            (
                failure(TestRow(["count": .text(secret)]), as: Counted.self),
                "column \"count\" is a number that Int8 does not have"
            ),
            (failure(TestRow(["count": nil]), as: Counted.self), "column \"count\" is NULL, and Int8 is not optional"),
            (failure(TestRow(["color": .text(secret)]), as: Colored.self), "column \"color\" does not fit Color"),
            (failure(TestRow(["color": .text(secret)]), as: Color.self), "column \"color\" does not fit Color"),
            (
                failure(TestRow(["place": .text(#"{"\#(secret)":1}"#)]), as: Placed.self),
                "column \"place\" is JSON without the key \"x\""
            ),
            (failure(TestRow(["n": .text(secret)]), as: Counted.self), "no column is called \"count\""),
            (failure(TestRow(["n": .text(secret)]), as: UUID.self), "column \"n\" is no UUID"),
        ]
        for (error, beginning) in cases {
            #expect(error?.message.hasPrefix(beginning) == true, "\(error?.message ?? "no error")")
            #expect(error?.description.contains(secret) == false)
        }
        #expect(cases[0].0?.kind == .data && cases[5].0?.kind == .usage)
    }

    @Test func `a decoder that outlives its row reads nothing, behaviour 25`() throws {
        final class Thief: Decodable {
            let container: KeyedDecodingContainer<Key>
            enum Key: CodingKey { case id }
            init(from decoder: any Decoder) throws { container = try decoder.container(keyedBy: Key.self) }
        }
        let thief = try read(TestRow(["id": "5"]), as: Thief.self)
        #expect(throws: DatabaseError.self) { try thief.container.decode(Int.self, forKey: .id) }
    }

    @Test func `a type that cannot be a row is an error`() {
        struct Elements: Decodable {
            init(from decoder: any Decoder) throws { _ = try decoder.unkeyedContainer() }
        }
        struct Nested: Decodable {
            enum Key: CodingKey { case id }
            init(from decoder: any Decoder) throws {
                _ = try decoder.container(keyedBy: Key.self).nestedUnkeyedContainer(forKey: .id)
            }
        }
        #expect(failure(TestRow(["id": "5"]), as: Elements.self)?.kind == .usage)
        #expect(failure(TestRow(["id": "5"]), as: Nested.self)?.kind == .usage)
    }

    @Test func `rows become tuples`() throws {
        let reader = ColumnsReader(Int.self, String?.self, Date.self)
        let row = try reader.read(TestRow(["a": "1", "b": nil, "c": "1970-01-01"]))
        #expect(row.0 == 1 && row.1 == nil && row.2.timeIntervalSince1970 == 0)
        #expect(throws: DatabaseError.self) { try reader.read(TestRow(["a": "1"])) }
        #expect { try reader.read(TestRow(["a": "x", "b": nil, "c": nil])) } throws: { error in
            (error as? DatabaseError)?.message == "column \"a\" is no whole number, to be read as Int"
        }
    }

    @Test func `a forgotten LIMIT is an error of its statement, behaviour 19`() throws {
        let sink = CollectingSink(ColumnsReader(Int.self), atMost: 3)
        let row = TestRow(["a": "1"])
        for _ in 0..<3 { #expect(try sink.take(row) == .more) }
        #expect { try sink.take(row) } throws: { error in
            (error as? DatabaseError)?.kind == .tooManyRows && "\(error)".contains("more than 3 rows")
        }
        #expect(sink.rows == [1, 1, 1])
    }

    @Test func `the first row is kept, and a great rest is given up`() throws {
        let sink = FirstSink(DecodableReader(Int.self))
        #expect(try sink.take(TestRow(["a": "7"])) == .more)
        let next = TestRow(["a": "no number"])
        for _ in 0..<999 { #expect(try sink.take(next) == .more) }
        #expect(try sink.take(next) == .stop)
        #expect(sink.row == 7)
    }
}
