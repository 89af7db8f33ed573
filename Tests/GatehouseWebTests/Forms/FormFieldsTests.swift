import GatehouseWeb
import TestSupport
import Testing

/// Reading of `application/x-www-form-urlencoded` from text.
struct FormFieldsTests {
    private func pairs(_ text: String) throws(FormError) -> [[String]] {
        try FormFields(urlEncoded: text).fields.map { [$0.name, $0.value] }
    }

    @Test(arguments: [
        ("", []), ("a=1", [["a", "1"]]), ("a", [["a", ""]]), ("a=", [["a", ""]]), ("=a", [["", "a"]]),
        ("=", [["", ""]]), ("&", []), ("&&a=1&&", [["a", "1"]]), ("a=1&b=2", [["a", "1"], ["b", "2"]]),
        ("b=2&a=1&b=3", [["b", "2"], ["a", "1"], ["b", "3"]]), ("a=b=c", [["a", "b=c"]]), ("a;b=1", [["a;b", "1"]]),
        ("a+b=c+d", [["a b", "c d"]]), ("a%20b=c%2Bd%26", [["a b", "c+d&"]]), ("%61%3D=%C3%a9", [["a=", "é"]]),
        ("a=%F0%9F%A6%89", [["a", "🦉"]]), ("a=é", [["a", "é"]]), ("a=%EF%BB%BFb", [["a", "\u{FEFF}b"]]),
        ("a=%0D%0A", [["a", "\r\n"]]), ("a[0].b=1", [["a[0].b", "1"]]),
        // A `%` without two digits stands for itself.
        ("a=%", [["a", "%"]]), ("a=100%&b", [["a", "100%"], ["b", ""]]), ("a=%4", [["a", "%4"]]),
        ("a=%zz%4g%41", [["a", "%zz%4gA"]]), ("%=%", [["%", "%"]]), ("a=%%41", [["a", "%A"]]),
        ("a=%+1", [["a", "% 1"]]),
        ("a=%2541", [["a", "%41"]]),
    ])
    func `a body is read as the URL Standard says`(_ text: String, _ fields: [[String]]) throws {
        #expect(try pairs(text) == fields)
    }

    @Test(arguments: [
        "a=%FF", "a=%C3", "%C3=a", "a=%C3&b=%A9", "a=%C0%AF", "a=%E0%80%AF", "a=%ED%A0%80", "a=%F4%90%80%80", "a=%80",
        "a=%F5%80%80%80", "a=%FE", "a=1&b=2&c=%E2%82",
    ])
    func `bytes that are no UTF-8 are a fault, whole, cut off, overlong, surrogates`(_ text: String) {
        // No U+FFFD is made of them (N2).
        #expect(throws: FormError(.invalidText)) { try pairs(text) }
    }

    @Test(arguments: ["a=%00", "%00=a", "a=b%00c", "a=\u{0}"])
    func `a NUL is a fault`(_ text: String) {
        // Nobody types it, and no database takes it (N2).
        #expect(throws: FormError(.nulCharacter)) { try pairs(text) }
    }

    @Test func `each limit holds, and one more is too much`() throws {
        // Limits are looked at before memory is taken (N1).
        func read(_ text: String, _ limits: FormLimits) throws(FormError) -> Int {
            try FormFields(urlEncoded: text, limits: limits).fields.count
        }
        #expect(try read("aa&bb&cc", FormLimits(fields: 3)) == 3)
        #expect(throws: FormError(.tooManyFields(limit: 2))) { try read("aa&bb&cc", FormLimits(fields: 2)) }
        #expect(try read("a&&&&&b", FormLimits(fields: 2)) == 2)
        #expect(try read("abc=", FormLimits(bytes: 4)) == 1)
        #expect(throws: FormError(.tooLarge(limit: 3))) { try read("abc=", FormLimits(bytes: 3)) }
        // Decoded bytes count.
        #expect(try read("%41%41=1", FormLimits(nameBytes: 2)) == 1)
        #expect(throws: FormError(.nameTooLong(limit: 2))) { try read("abc=1", FormLimits(nameBytes: 2)) }
        #expect(try read("a=%41%41", FormLimits(valueBytes: 2)) == 1)
        #expect(throws: FormError(.valueTooLong(limit: 2))) { try read("a=abc", FormLimits(valueBytes: 2)) }
        #expect(throws: FormError(.tooManyFields(limit: 0))) { try read("a", FormLimits(fields: 0)) }
        let bomb = String(repeating: "a&", count: 1 << 18)
        #expect(throws: FormError(.tooManyFields(limit: 1_000))) { try read(bomb, FormLimits()) }
    }

    @Test func `what is written is read as the same, for any text`() throws {
        var generator = SeededGenerator(seed: 3)
        let alphabet = Array("ab &=+%;#?.[]é🦉\u{301}\r\n\t\"<>'".unicodeScalars)
        func text() -> String {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...8, using: &generator) {
                text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
            }
            return String(text)
        }
        for _ in 0..<2_000 {
            var fields = FormFields()
            for _ in 0..<Int.random(in: 0...5, using: &generator) { fields.append(text(), text()) }
            let read = try FormFields(urlEncoded: fields.urlEncoded)
            #expect(read.fields.map { Array($0.name.utf8) } == fields.fields.map { Array($0.name.utf8) })
            #expect(read.fields.map { Array($0.value.utf8) } == fields.fields.map { Array($0.value.utf8) })
        }
    }

    @Test func `a query is changed in one field`() throws {
        var fields = try FormFields(urlEncoded: "q=a+b&page=2&tag=x&page=3")
        #expect(fields["page"] == "3" && fields.all("page") == ["2", "3"] && fields["none"] == nil)
        fields.set("page", "4")
        fields.set("new", "ü")
        #expect(fields.urlEncoded == "q=a+b&page=4&tag=x&new=%C3%BC")
    }
}
