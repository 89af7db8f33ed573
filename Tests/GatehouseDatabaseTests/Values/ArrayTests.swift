import FoundationEssentials
import GatehouseDatabase
import Testing

/// Arrays and documents of any form end well (row F1).
struct ArrayTests {
    private func text(_ value: some ColumnValue, _ dialect: Dialect) -> String {
        var text: [UInt8] = []
        value.sqlValue.appendText(for: dialect, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    @Test func `PostgreSQL's arrays are read, behaviour 23`() throws {
        #expect(try TestValue("{}").read([Int].self) == [])
        #expect(try TestValue("{1,-2,3}").read([Int].self) == [1, -2, 3])
        #expect(try TestValue("{1,NULL}").read([Int?].self) == [1, nil])
        #expect(try TestValue(#"{a,"b c","\"\\","NULL",""}"#).read([String].self) == ["a", "b c", #""\"#, "NULL", ""])
        #expect(try TestValue("{{1,2},{3,4}}").read([[Int]].self) == [[1, 2], [3, 4]])
        #expect(try TestValue("[0:1]={7,8}").read([Int].self) == [7, 8])
        #expect(try TestValue("{t,f}").read([Bool].self) == [true, false])
        #expect(try TestValue(#"{"\\x6162"}"#).read([[UInt8]].self) == [[97, 98]])
        #expect(try TestValue(#"{"\\x6162",NULL}"#).read([[UInt8]?].self) == [[97, 98], nil])
        #expect(try TestValue(#"{"{\"a\": 1}"}"#).read([JSON<[String: Int]>].self).map(\.value) == [["a": 1]])
        #expect(try TestValue(#"{{"a}","{"},{b,"\"}"}}"#).read([[String]].self) == [["a}", "{"], ["b", "\"}"]])
        #expect(try TestValue(#"{"2026-01-01 00:00:00+00"}"#).read([Date].self).count == 1)
    }

    @Test func `an array of other dimensions is refused`() {
        #expect(TestValue("{{1,2}}").refusal([Int].self) == "is an array of more dimensions than are asked for")
        #expect(TestValue("{{a,b}}").refusal([String].self) == "is an array of more dimensions than are asked for")
        #expect(TestValue("{1,2}").refusal([[Int]].self) == "is an array of fewer dimensions than are asked for")
        #expect(TestValue("{NULL}").refusal([Int].self) == "is NULL")
        #expect(TestValue("{x}").refusal([Int].self) == "is no whole number")
    }

    @Test(arguments: [
        "", "{", "}", "{1", "{1,}", "{,1}", "{1}}", "{1}x", "x{1}", "[0:1]", "[0:1", #"{"a}"#, #"{"a\"#, #"{a"b}"#,
        #"{a\b}"#, "{a{b}", #"{"a"b}"#,
    ])
    func `malformed arrays of PostgreSQL`(text: String) {
        #expect(TestValue.text(text).refusal([String].self) == "is no array", "\(text)")
    }

    @Test func `arrays are JSON elsewhere, behaviour 23`() throws {
        for dialect in [Dialect.mySQL, .sqlite] {
            #expect(try TestValue(" [ 1 , -2 ] ").read([Int].self, dialect) == [1, -2])
            #expect(try TestValue("[]").read([Int].self, dialect) == [])
            #expect(try TestValue("[1,null]").read([Int?].self, dialect) == [1, nil])
            #expect(try TestValue(#"["a\n\u00e9\ud83e\udd89","\""]"#).read([String].self, dialect) == ["a\né🦉", "\""])
            #expect(try TestValue("[[1],[2,3]]").read([[Int]].self, dialect) == [[1], [2, 3]])
            #expect(try TestValue("[true,false]").read([Bool].self, dialect) == [true, false])
            #expect(try TestValue(#"[{"a":"]"},{"a":"\"}"}]"#).read([JSON<[String: String]>].self, dialect).count == 2)
            #expect(try TestValue("[0.1,1e2]").read([Double].self, dialect) == [0.1, 100])
            #expect(try TestValue(#"["\\x6162"]"#).read([[UInt8]].self, dialect) == [[97, 98]])
            #expect(TestValue.integer(5).refusal([Int].self, dialect) == "is a number, and no array")
        }
    }

    @Test(arguments: [
        "", "[", "]", "[1", "[1,]", "[,1]", "[1]]", "[1]x", "{}", #"["a]"#, #"["a\"]"#, #"["\x"]"#, #"["\ud800"]"#,
        #"["\u12"]"#, "[[1]", "[1 2]", #"[1"a"]"#, "[a[1]]",
    ])
    func `malformed arrays of JSON`(text: String) {
        #expect(TestValue.text(text).refusal([String].self, .sqlite) == "is no JSON array", "\(text)")
    }

    @Test func `arrays are written with quotes`() throws {
        let words = ["a", "b \"c\" \\", "", "NULL", "{}", "a\nb"]
        #expect(text(words, .postgreSQL) == #"{"a","b \"c\" \\","","NULL","{}","a\#nb"}"#)
        #expect(text(words, .sqlite) == #"["a","b \"c\" \\","","NULL","{}","a\u000ab"]"#)
        #expect(text([] as [String], .postgreSQL) == "{}")
        #expect(text([] as [[UInt8]], .mySQL) == "[]")
        #expect(text([1, nil, 3], .postgreSQL) == "{1,NULL,3}")
        #expect(text([[true], [false]], .postgreSQL) == "{{t},{f}}")
        #expect(text([[true], [false]], .mySQL) == "[[true],[false]]")
        #expect(text([[1, 255]] as [[UInt8]], .postgreSQL) == #"{"\\x01ff"}"#)
        #expect(text([.infinity, 0.5], .sqlite) == #"["Infinity",0.5]"#)
    }

    @Test func `JSON is a document on every dialect, behaviour 23`() throws {
        struct Tag: Codable, Equatable { var name: String; var since: Date }
        let tag = Tag(name: "a/b", since: Date(timeIntervalSince1970: 0.5))
        guard case .json(let document) = JSON(tag).sqlValue else {
            Issue.record("no JSON")
            return
        }
        #expect(document.contains("1970-01-01T00:00:00.500000Z"))
        #expect(document.contains("a/b"))
        #expect(try TestValue.text(document).read(JSON<Tag>.self).value == tag)
        #expect(try TestValue.bytes(Array(document.utf8)).read(JSON<Tag>.self, .mySQL).value == tag)
        #expect(try TestValue.integer(5).read(JSON<Int>.self, .sqlite).value == 5)
        #expect(TestValue("{}").refusal(JSON<Tag>.self) == "is JSON without the key \"name\" of Tag")
        #expect(TestValue("[]").refusal(JSON<Tag>.self) == "is JSON of another form than Tag")
        #expect(TestValue("{").refusal(JSON<Tag>.self) == "is no JSON that fits Tag")
        #expect(TestValue.null.refusal(JSON<Tag>.self) == "is NULL")
        #expect(JSON(Double.nan).sqlValue == .invalid("Double does not encode to JSON"))
    }
}
