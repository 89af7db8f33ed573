import FoundationEssentials
import Gatehouse
import Testing

@testable import GatehouseWeb

/// Pages from values.
struct ViewsTests {
    static func write(
        _ template: String, _ value: some Encodable, mode: ModuleMode = .test, others: [String: String] = [:]
    ) throws -> String {
        try Views(templates: others.merging(["page.html": template]) { $1 }, mode: mode).text("page", value)
    }

    private struct Page: Encodable {
        var title: String
        var subtitle: String?
        var count: Int?
        var entries: [Entry]
    }

    private struct Entry: Encodable {
        var name: String
        var link: URL?
    }

    private static let page = Page(
        title: "A & B", entries: [Entry(name: "<i>"), Entry(name: "\"'", link: URL(string: "https://a.org/?a=1&b"))])

    @Test func `values of a type are written and escaped`() throws {
        let text = try Self.write("{{title}}: {{#entries}}{{name}} {{link}};{{/entries}}", Self.page)
        #expect(text == "A &amp; B: &lt;i&gt; ;&quot;&#39; https://a.org/?a=1&amp;b;")
    }

    @Test func `an optional that is nil is there and empty`() throws {
        let text = try Self.write("{{subtitle}}{{count}}{{#subtitle}}x{{/subtitle}}{{^count}}none{{/count}}", Self.page)
        #expect(text == "none")
    }

    @Test func `a missing name is a mistake with its place and a hint`() {
        let error = #expect(throws: ViewProblem.self) { try Self.write("a\n {{titel}}", Self.page) }
        #expect(error?.description.hasPrefix("page.html:2:2: there is no “titel”. Did you mean “title”?") == true)
        #expect(error?.description.contains("count, entries, subtitle, title") == true)
        #expect(throws: ViewProblem.self) { try Self.write("{{#nothing}}x{{/nothing}}", Self.page) }
        #expect(throws: ViewProblem.self) { try Self.write("{{^nothing}}x{{/nothing}}", Self.page) }
        #expect(throws: ViewProblem.self) { try Self.write("{{title.length}}", Self.page) }
        #expect(throws: ViewProblem.self) { try Self.write("{{entries}}", Self.page) }
    }

    @Test func `in production a missing name is empty`() throws {
        #expect(try Self.write("[{{titel}}{{#x}}y{{/x}}{{title.a}}{{-index}}]", Self.page, mode: .production) == "[]")
    }

    @Test func `a default is for what is missing or empty`() throws {
        let page: ViewValue = ["a": "", "b": "x", "c": ["d": 1]]
        #expect(
            try Self.write(
                "{{default(a, \"–\")}}{{default(b, \"–\")}}{{default(z, 0)}}{{default(c.e, b)}}{{default(c.d, b)}}",
                page)
                == "–x0x1")
    }

    @Test func `sections are left out for nothing, false, 0, an empty text and an empty list`() throws {
        let page: ViewValue = ["values": [nil, false, 0, "", [], true, 1, "a", [1], [:]]]
        #expect(try Self.write("{{#values}}{{#.}}1{{/.}}{{^.}}0{{/.}}{{/values}}", page) == "0000011111")
    }

    @Test func `a loop knows its place`() throws {
        let template =
            "{{#list}}{{-index}}{{-number}}{{#-first}}F{{/-first}}{{#-odd}}o{{/-odd}}{{#-even}}e{{/-even}}"
            + "{{^-last}}, {{/-last}}{{/list}}"
        #expect(try Self.write(template, ["list": [1, 2, 3]] as ViewValue) == "01Fo, 12e, 23o")
        #expect(throws: ViewProblem.self) { try Self.write("{{-index}}", [:] as ViewValue) }
    }

    @Test func `a layout takes its content from the page`() throws {
        let layout = "<title>{{$title}}Site{{/title}}</title>\n<main>\n  {{$body}}\n  {{/body}}\n</main>\n"
        let page = "{{<layout}}\n{{$body}}\n<p>{{name}}</p>\n<p>2</p>\n{{/body}}\n{{/layout}}\n"
        #expect(
            try Self.write(page, ["name": "Ada"] as ViewValue, others: ["layout.html": layout])
                == "<title>Site</title>\n<main>\n  <p>Ada</p>\n  <p>2</p>\n</main>\n")
    }

    /// Row H2: a value is never parsed.
    @Test func `values are never templates`() throws {
        let page: ViewValue = ["a": "{{b}}{{>page}}", "b": "secret"]
        #expect(try Self.write("{{a}}{{{a}}}", page) == "{{b}}{{&gt;page}}{{b}}{{>page}}")
    }

    /// Row H2: a value is never parsed.
    @Test func `a partial whose name is data is one of the templates, and never text in HTML`() throws {
        let others = ["a.html": "A", "b.txt": "{{x}}"]
        #expect(try Self.write("{{>*name}}", ["name": "a"] as ViewValue, others: others) == "A")
        #expect(try Self.write("{{>*name}}", ["name": ""] as ViewValue, others: others) == "")
        for name in ["../../etc/passwd", "b.txt", "/a", "a.html"] {
            #expect(throws: ViewProblem.self) {
                try Self.write("{{>*name}}", ["name": .string(name)] as ViewValue, others: others)
            }
        }
    }

    /// Row H3: no value ends the process, however deep or long.
    @Test func `a tree is written by a partial that includes itself, to a bounded depth`() throws {
        func tree(_ depth: Int) -> ViewValue {
            (0..<depth).reduce(["children": []] as ViewValue) { inner, _ in ["children": [inner]] }
        }
        let tree3 = tree(3)
        #expect(try Self.write("<{{#children}}{{>page}}{{/children}}>", tree3) == "<<<<>>>>")
        let error = #expect(throws: ViewProblem.self) {
            try Self.write("<{{#children}}{{>page}}{{/children}}>", tree(200))
        }
        #expect(error?.message.contains("100 partials are inside each other") == true)
    }

    /// Row H3: no value ends the process, however deep or long.
    @Test func `a block that contains itself ends with an error`() {
        #expect(throws: ViewProblem.self) {
            try Self.write(
                "{{<b}}{{$x}}{{$x}}{{/x}}{{/x}}{{/b}}", [:] as ViewValue, others: ["b.html": "{{$x}}{{/x}}"])
        }
    }

    private final class Deep: Encodable {
        let next: Deep?
        init(_ next: Deep?) { self.next = next }
    }

    /// Row H3: no value ends the process, however deep or long.
    @Test func `values that are nested deep are refused`() {
        let deep = (0..<1_000).reduce(Deep(nil)) { inner, _ in Deep(inner) }
        #expect(throws: ViewProblem.self) { try Self.write("x", deep) }
    }

    /// Row H3: no value ends the process, however deep or long.
    @Test func `a page has a bound`() throws {
        var limits = ViewLimits()
        limits.pageBytes = 1_000
        let views = try Views(templates: ["a.html": "{{#list}}0123456789{{/list}}"], limits: limits)
        func list(_ count: Int) -> ViewValue { ["list": .list(Array(repeating: 1, count: count))] }
        #expect(try views.text("a", list(99)).utf8.count == 990)
        #expect(throws: ViewProblem.self) { try views.text("a", list(101)) }
    }
}
