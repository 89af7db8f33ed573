import FoundationEssentials
import GatehouseWeb
import Testing

/// Each rule, at its bounds.
struct FormRulesTests {
    private func faults<Value: Decodable & Sendable>(
        _ text: String, _ type: Value.Type, _ rules: @escaping @Sendable (FieldCheck<Value>) -> Void
    ) throws -> [FormFault] {
        var fields = FormFields()
        fields.append("a", text)
        return try RulesHolder.run(fields, rules)
    }

    private func faults(
        _ text: String, _ rules: @escaping @Sendable (FieldCheck<String>) -> Void
    ) throws -> [FormFault] {
        try faults(text, String.self, rules)
    }

    @Test func `length is counted in scalars`() throws {
        #expect(try faults("ab") { $0.length(2...3) } == [])
        #expect(try faults("a") { $0.length(2...3) } == [.tooShort(minimum: 2)])
        #expect(try faults("abcd") { $0.length(2...3) } == [.tooLong(maximum: 3, count: 4)])
        #expect(try faults("🦉🦉🦉") { $0.length(...3) } == [])
        #expect(try faults("e\u{301}e\u{301}") { $0.length(...3) } == [.tooLong(maximum: 3, count: 4)])
        #expect(try faults("a\r\nb") { $0.length(...3) } == [])
        #expect(try faults("") { $0.length(2...3) } == [])
        #expect(try faults("") { $0.required() } == [.required])
        #expect(try faults("abcd") { $0.length(2...3, "Two or three.") } == [.message("Two or three.")])
    }

    @Test func `values have bounds`() throws {
        #expect(try faults("18", Int.self) { $0.range(18...120) } == [])
        #expect(try faults("17", Int.self) { $0.range(18...120) } == [.tooSmall(minimum: "18")])
        #expect(try faults("121", Int.self) { $0.range(18...120) } == [.tooLarge(maximum: "120")])
        #expect(try faults("1.5", Decimal.self) { $0.range(2...) } == [.tooSmall(minimum: "2")])
        let day = Date(timeIntervalSince1970: 1_774_915_200)
        #expect(try faults("2026-03-30", Date.self) { $0.range(day...) } == [.tooSmall(minimum: "2026-03-31")])
        #expect(try faults("2026-03-31T00:01", Date.self) { $0.range(...day) } == [.tooLarge(maximum: "2026-03-31")])
    }

    @Test func `choices, lists and own rules`() throws {
        #expect(try faults("b") { $0.oneOf(["a", "b"]) } == [])
        #expect(try faults("c") { $0.oneOf(["a", "b"]) } == [.choice])
        #expect(try faults("c") { $0.matches("c") } == [])
        #expect(try faults("c") { $0.matches("d") } == [.different])
        #expect(try faults("c") { $0.satisfies("No c.") { $0 != "c" } } == [.message("No c.")])
        #expect(try faults("x", [String].self) { $0.count(2...3) } == [.tooFew(minimum: 2)])
        #expect(try faults("on", Bool.self) { $0.accepted() } == [])
        #expect(try faults("off", Bool.self) { $0.accepted() } == [.accepted])
        #expect(try faults("x\ny") { $0.singleLine().length(...1) } == [.singleLine, .tooLong(maximum: 1, count: 3)])
        for control in ["\u{1B}", "\u{7F}", "\u{85}", "\u{2028}", "\t"] {
            #expect(try faults("a\(control)b") { $0.singleLine() } == [.singleLine])
        }
    }

    @Test(arguments: [
        "a@b.co", "first.last+tag@sub.example.org", "!#$%&'*+/=?^_`{|}~-@x-y.example", "1@2.3",
        String(repeating: "a", count: 64) + "@example.org",
    ])
    func `addresses that browsers take are addresses`(_ text: String) throws {
        #expect(try faults(text) { $0.email() } == [])
    }

    @Test(arguments: [
        "a", "@", "a@", "@b.co", "a@b", "a@b.", "a@.co", "a@b..co", "a b@c.de", "a@b c.de", "a@b@c.de", "a@-b.co",
        "a@b-.co", "a@b_c.de", "a\"b@c.de", "a@b.co\nBcc: x@y.zz", "<a@b.co>", "a@[127.0.0.1]", "ä@b.co",
        "a@bücher.example",
        String(repeating: "a", count: 65) + "@example.org", "a@" + String(repeating: "b", count: 64) + ".org",
        "a@" + String(repeating: "b.", count: 130) + "org", "a,b@c.de",
    ])
    func `others are none`(_ text: String) throws {
        #expect(try faults(text) { $0.email() } == [.email])
    }

    @Test func `addresses of the web are http or https with a host`() throws {
        for text in [
            "https://example.org", "HTTP://EXAMPLE.ORG/a?b=c#d", "https://user@example.org:8443/", "http://[::1]/",
            "https://bücher.example/ä",
        ] {
            #expect(try faults(text) { $0.url() } == [], "\(text)")
        }
        for text in [
            "example.org", "//example.org", "javascript:alert(1)", "https:", "https://", "https:///a", "https://?q",
            "https://a b", "https://a\"onclick=", "https://a'b", "https://a<b>", "https://\\evil", "ftp://a.example",
            "http://:80", "https://user@", "java\nscript:alert(1)", "https://" + String(repeating: "a", count: 2_050),
        ] {
            #expect(try faults(text) { $0.url() } == [.url], "\(text)")
        }
    }
}

/// Runs rules on the field `a`, without a type for each.
enum RulesHolder {
    static func run<Value: Decodable & Sendable>(
        _ fields: FormFields, _ rules: @escaping @Sendable (FieldCheck<Value>) -> Void
    ) throws -> [FormFault] {
        try Rules.$current.withValue({ check, value in rules(check("a", value as? Value)) }) {
            try Submission<Ruled<Value>>(fields).errors.faults(of: "a")
        }
    }

    private enum Rules {
        @TaskLocal static var current: @Sendable (FormCheck, Any?) -> Void = { _, _ in }
    }

    private struct Ruled<Value: Decodable & Sendable>: Form {
        var a: Value?

        func validate(_ check: FormCheck) { Rules.current(check, a) }
    }
}
