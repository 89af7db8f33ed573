import Testing

@testable import GatehouseWeb

/// Mistakes in templates, found when they are loaded, with their place.
struct TemplateMistakeTests {
    private static func mistakes(_ templates: [String: String]) -> [String] {
        do {
            _ = try Views(templates: templates)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func `good templates load`() {
        #expect(Self.mistakes(["a.html": "{{>b}}{{#x}}{{>a}}{{/x}}", "b.html": "{{name}}"]) == [])
    }

    @Test(arguments: [
        ("a\n  {{#list}}\nb", "a.html:2:3: {{#list}} has no {{/list}}"),
        ("{{/list}}", "a.html:1:1: {{/list}} closes nothing: nothing is open"),
        ("ü {{#a}}{{/b}}{{/a}}", "a.html:1:9: {{/b}} closes nothing: {{#a}} is open"),
        ("{{#a}}\n{{#b}}\n{{/a}}", "a.html:2:1: {{#b}} has no end before {{/a}} in line 3"),
        ("{{name", "a.html:1:1: the tag has no end: write }} after it"),
        ("{{{name}}", "a.html:1:1: the tag has no end: write }}} after it"),
        ("{{}}", "a.html:1:1: a tag without a name"),
        ("{{a..b}}", "a.html:1:1: {{a..b}}: a name is missing beside a dot"),
        ("{{=<%=}}", "a.html:1:1: new delimiters are two, with a space between: {{=<% %>=}}"),
        ("{{date()}}", "a.html:1:1: date() takes 1 to 2 arguments, and here it has 0"),
        ("{{date(a, \"x)}}", "a.html:1:1: {{date(a, \"x)}}: a quote has no end"),
        ("{{date(a b)}}", "a.html:1:1: {{date(a b)}}: between arguments stands a comma, after the last one “)”"),
        ("{{date(a) b}}", "a.html:1:1: {{date(a) b}}: after the call's “)” nothing may follow"),
        ("{{>b}}", "a.html:1:1: there is no template “b”"),
        ("{{>aa}}", "a.html:1:1: there is no template “aa”: did you mean “a”?"),
        (
            "{{<a}}x{{/a}}",
            "a.html:1:7: this stands in {{<a}} but in no {{$block}}, so nobody would see it"
        ),
    ])
    func `a mistake has its place`(template: String, message: String) {
        #expect(Self.mistakes(["a.html": template]).contains(message))
    }

    @Test(arguments: [
        ("{{#if name}}x{{/if}}", "write {{#name}}…{{/name}}"),
        ("{{name | upper}}", "a filter is written as a call"),
        ("{{first name}}", "a name has no spaces"),
        ("{{dat(x)}}", "there is no function “dat”: did you mean “date”?"),
    ])
    func `habits from other languages get an answer`(template: String, hint: String) {
        #expect(Self.mistakes(["a.html": template]).contains { $0.contains(hint) })
    }

    @Test func `all mistakes of all files are named at once`() {
        let mistakes = Self.mistakes(["b.html": "{{>x}}\n{{#y}}", "a.html": "{{/z}}", "c.html": "fine"])
        #expect(mistakes.map { $0.prefix { $0 != " " } } == ["a.html:1:1:", "b.html:1:1:", "b.html:2:1:"])
    }

    /// Row H1: a template is the author's, and still takes no more than its bounds.
    @Test func `templates that include each other in any case are refused`() {
        let mistakes = Self.mistakes([
            "a.html": "{{>b}}", "b.html": "{{>c}}", "c.html": "x\n{{>a}}", "d.html": "{{>d}}",
        ])
        #expect(mistakes.count == 2)
        #expect(mistakes[0].hasPrefix("c.html:2:1: templates include each other without end: a → b → c → a"))
        #expect(mistakes[1].hasPrefix("d.html:1:1: templates include each other without end: d → d"))
    }

    /// Row H1: a template is the author's, and still takes no more than its bounds.
    @Test func `many sections inside each other are refused, however many`() {
        let mistakes = Self.mistakes(["a.html": String(repeating: "{{#a}}", count: 100_000)])
        #expect(mistakes == ["a.html:1:385: sections are nested more than 64 deep"])
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        var parser = TemplateParser(source: [0x7B, 0xFF], functions: [:])
        #expect(parser.parse().nodes.isEmpty)
        #expect(parser.problems.map(\.message) == ["the file is not UTF-8"])
    }

    @Test func `text is not put into HTML unescaped`() {
        let mistakes = Self.mistakes(["a.html": "{{>b.txt}}", "b.txt": "{{name}}"])
        #expect(mistakes == ["a.html:1:1: b.txt is text, whose values are not escaped: it cannot be part of a.html"])
    }

    @Test func `a block that no parent has is a mistake`() {
        let mistakes = Self.mistakes(["a.html": "{{<b}}\n{{$boddy}}x{{/boddy}}{{/b}}", "b.html": "{{$body}}{{/body}}"])
        #expect(mistakes == ["a.html:2:1: neither b.html nor what it includes has {{$boddy}}"])
    }

    @Test func `two files of one name are a mistake`() {
        #expect(Self.mistakes(["a.html": "", "a.mustache": ""]).count == 1)
    }
}
