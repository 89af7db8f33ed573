import FoundationEssentials
import Testing

@testable import GatehouseWeb

/// Values of any type as templates see them.
struct ViewValueTests {
    private struct Everything: Encodable {
        var bool = true
        var int = -1
        var large = UInt64.max
        var float = Float(0.1)
        var double = 1.5
        var date = Date(timeIntervalSince1970: 0)
        var url = URL(string: "https://a.org/")
        var data = Data([1, 2])
        var none: Int8?
        var nested: [[String: Int?]] = [["a": nil], ["a": 1]]
        var own = Own()
    }

    private struct Own: Encodable, ViewValueConvertible {
        var secret = 1
        var viewValue: ViewValue { .html("<b>") }
    }

    @Test func `each type has its value`() throws {
        let value = try ViewValue(encoding: Everything())
        #expect(
            value == [
                "bool": true, "int": -1, "large": "18446744073709551615", "float": 0.1, "double": 1.5,
                "date": .date(Date(timeIntervalSince1970: 0)), "url": "https://a.org/", "data": "AQI=", "none": nil,
                "nested": [["a": nil], ["a": 1]], "own": .html("<b>"),
            ])
    }

    private struct Pieces: Encodable {
        var piece: HTML = "<b>\("a&b")</b>"
        var none: HTML?
        var several: [HTML] = ["<i>", "<u>"]
    }

    @Test func `a piece of a page is HTML, and no text to be escaped`() throws {
        #expect(
            try ViewValue(encoding: Pieces()) == [
                "piece": .html("<b>a&amp;b</b>"), "none": nil, "several": [.html("<i>"), .html("<u>")],
            ])
        #expect(String(decoding: try JSONEncoder().encode(["a": "<b>" as HTML]), as: UTF8.self) == #"{"a":"<b>"}"#)
    }

    private struct Row: Encodable {
        enum Key: String, CodingKey { case a, b, c }
        let keys: [Key]

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            for (index, key) in keys.enumerated() { try container.encode(index, forKey: key) }
        }
    }

    @Test func `rows whose names differ keep their own`() throws {
        let rows: [[Row.Key]] = [[.a, .b], [.a, .b], [.a], [], [.a, .b, .c], [.b, .a], [.a, .a], [.a, .b]]
        let expected: [[(String, ViewValue)]] = [
            [("a", 0), ("b", 1)], [("a", 0), ("b", 1)], [("a", 0)], [], [("a", 0), ("b", 1), ("c", 2)],
            [("b", 0), ("a", 1)], [("a", 1)], [("a", 0), ("b", 1)],
        ]
        #expect(try ViewValue(encoding: rows.map(Row.init)) == .list(expected.map { .object(ViewObject($0)) }))
    }

    private struct Keeper: Encodable {
        final class Box { var container: KeyedEncodingContainer<Row.Key>? }
        let box: Box
        let number: Int

        func encode(to encoder: any Encoder) throws {
            try box.container?.encode(99, forKey: .c)
            var container = encoder.container(keyedBy: Row.Key.self)
            try container.encode(number, forKey: .a)
            box.container = container
        }
    }

    @Test func `a container that is kept does not write into the next row`() throws {
        let box = Keeper.Box()
        let value = try ViewValue(encoding: (0..<3).map { Keeper(box: box, number: $0) })
        #expect(value == [["a": 0], ["a": 1], ["a": 2]])
    }

    private struct Nested: Encodable {
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Row.Key.self)
            var list = container.nestedUnkeyedContainer(forKey: .a)
            var inner = container.nestedContainer(keyedBy: Row.Key.self, forKey: .b)
            try list.encode("x")
            try list.encodeNil()
            try inner.encode(1, forKey: .c)
            try container.encode(2, forKey: .c)
        }
    }

    @Test func `containers inside each other may be filled in any order`() throws {
        #expect(try ViewValue(encoding: Nested()) == ["a": ["x", nil], "b": ["c": 1], "c": 2])
    }

    @Test func `an object with many names finds each`() {
        let object = ViewObject((0..<100).map { ("n\($0 % 50)", .int($0)) })
        #expect(object.names.count == 50 && object["n7"] == 57 && object["n50"] == nil)
    }

    @Test func `a value is JSON for other encoders`() throws {
        let value: ViewValue = ["a": [1, 1.5, true, nil, "x"], "b": .rows(ViewRows(AsyncStream<Int> { $0.finish() }))]
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(
            String(decoding: try encoder.encode(value), as: UTF8.self) == "{\"a\":[1,1.5,true,null,\"x\"],\"b\":[]}")
    }
}
