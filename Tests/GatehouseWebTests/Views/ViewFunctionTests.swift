import FoundationEssentials
import Testing

@testable import GatehouseWeb

/// The functions that every template can call.
struct ViewFunctionTests {
    private static func write(_ template: String, _ value: ViewValue) throws -> String {
        var views = try Views(templates: ["page.html": template])
        views.now = { Date(timeIntervalSince1970: 1_800_000_000) }
        return try views.text("page", value)
    }

    private static func call(_ call: String, _ value: ViewValue) throws -> String {
        try write("{{\(call)}}", ["x": value])
    }

    @Test(
        arguments: [
            ("uppercase(x)", "straße", "STRASSE"), ("lowercase(x)", "ÄB", "äb"), ("truncate(x, 3)", "äbcd", "äbc…"),
            ("truncate(x, 3)", "äbc", "äbc"), ("truncate(x, 4, '..')", "abc def", "abc.."),
            ("truncate(x, -1)", "a", ""),
            ("urlencode(x)", "a b/ü&", "a%20b%2F%C3%BC%26"),
            ("lines(x)", "<a>\r\nb\nc\rd", "&lt;a&gt;<br>\nb<br>\nc<br>\nd"),
            ("uppercase(truncate(x, 2, \"\"))", "abc", "AB"), ("default(x, 'no \\'one\\'')", "", "no &#39;one&#39;"),
            ("date(x, 'yyyy')", nil, ""), ("number(x)", nil, ""), ("uppercase(x)", nil, ""),
        ] as [(String, ViewValue, String)])
    func `texts`(call: String, value: ViewValue, written: String) throws {
        #expect(try Self.call(call, value) == written)
    }

    @Test(
        arguments: [
            ("number(x)", 1_234_567, "1,234,567"), ("number(x)", -999, "-999"), ("number(x)", 1234.5, "1,234.5"),
            ("number(x, 2)", 1234.005, "1,234.01"), ("number(x, 2)", 7, "7.00"), ("number(x, 0)", 0.5, "1"),
            ("number(x, 1)", -0.04, "0.0"), ("number(x)", .int(.min), "-9,223,372,036,854,775,808"),
            ("number(x)", .double(.infinity), "inf"), ("number(x, 99)", 0.5, "0.500000000"), ("bytes(x)", 999, "999 B"),
            ("bytes(x)", 1_500, "1.5 KB"), ("bytes(x)", 999_990, "1 MB"), ("bytes(x)", 123_456_789, "123 MB"),
            ("plural(x, 'entry', 'entries')", 1, "entry"), ("plural(x, 'entry', 'entries')", 0, "entries"),
            ("count(x)", ["a", "b"], "2"), ("join(x)", ["a", 1], "a, 1"), ("join(x, '|')", ["a", "b"], "a|b"),
            ("x", 5.0, "5"), ("x", 1.21, "1.21"), ("x", 1e300, "1e+300"),
        ] as [(String, ViewValue, String)])
    func `numbers and lists`(call: String, value: ViewValue, written: String) throws {
        #expect(try Self.call(call, value) == written)
    }

    private static let moment = ViewValue.date(Date(timeIntervalSince1970: 1_799_999_700))

    @Test(arguments: [
        ("x", "2027-01-15T07:55:00Z"), ("date(x)", "15 January 2027"), ("datetime(x)", "15 January 2027, 07:55"),
        ("date(x, \"EEE d.M.yy, h:mm a\")", "Fri 15.1.27, 7:55 am"),
        ("date(x, \"EEEE 'the' dd MMM HH''ss\")", "Friday the 15 Jan 07&#39;00"),
        ("iso(x)", "2027-01-15T07:55:00Z"), ("age(x)", "5 minutes ago"),
    ])
    func `dates`(call: String, written: String) throws {
        #expect(try Self.call(call, Self.moment) == written)
    }

    @Test(arguments: [
        (0.0, "just now"), (59, "just now"), (60, "1 minute ago"), (7_200, "2 hours ago"), (86_400, "1 day ago"),
        (1_209_600, "2 weeks ago"), (40_000_000, "1 year ago"), (-90, "in 1 minute"), (.nan, "just now"),
    ])
    func `an age is said in its largest unit`(seconds: Double, written: String) {
        #expect(ViewText.age(seconds) == written)
    }

    @Test func `comparing chooses`() throws {
        let page: ViewValue = ["a": "x", "b": "x", "n": 1]
        #expect(
            try Self.write(
                "{{#equal(a, b)}}1{{/equal}}{{#equal(n, \"1\")}}2{{/equal}}{{^equal(a, n)}}3{{/equal}}", page) == "123")
    }

    @Test func `a wrong argument is a mistake with its place`() {
        let error = #expect(throws: ViewProblem.self) { try Self.write("\n{{date(x)}}", ["x": "tomorrow"]) }
        #expect(error?.description == "page.html:2:1: date(): argument 1 must be a date, and is a text")
        #expect(throws: ViewProblem.self) { try Self.call("date(x, 'Q')", Self.moment) }
        #expect(throws: ViewProblem.self) { try Self.call("number(x)", "many") }
    }

    @Test func `an author's function is called and escaped`() throws {
        let helpers = ViewHelpers(functions: [
            "shout": ViewFunction { .string($0.text(0) + "!<") },
            "icon": ViewFunction(counts: 0...1) { _ in .html("<svg/>") },
        ])
        let views = try Views(templates: ["page.html": "{{shout(x)}}{{icon()}}"], helpers: [helpers])
        #expect(try views.text("page", ["x": "a"] as ViewValue) == "a!&lt;<svg/>")
    }

    @Test func `another language has its own words`() throws {
        var views = try Views(templates: ["page.txt": "{{date(d)}} {{number(n)}} {{plural(c, 'a', 'b', 'c')}}"])
        views.language = ViewLanguage(
            months: [
                "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
                "November", "Dezember",
            ],
            shortMonths: [], weekdays: [], shortWeekdays: [], datePattern: "d. MMMM yyyy", decimalMark: ",",
            groupMark: ".", pluralForm: { $0 == 1 ? 0 : $0 < 5 ? 1 : 2 })
        let page: ViewValue = ["d": Self.moment, "n": 1234.5, "c": 7]
        #expect(try views.text("page.txt", page) == "15. Januar 2027 1.234,5 c")
    }
}
