import Gatehouse
import Testing

@testable import GatehouseWeb

/// Values at places in HTML: where escaping protects, where it does not, and what is refused when templates are loaded.
struct EscapingCheckTests {
    private static func refusals(_ template: String, _ others: [String: String] = [:]) -> [String] {
        do {
            _ = try Views(templates: others.merging(["page.html": template]) { $1 })
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test(arguments: [
        "<p>{{a}}</p>", "<p title=\"{{a}}\" class='x {{b}}'>", "<a href=\"{{a}}\">{{a}}</a>", "<!-- {{a}} -->",
        "<title>{{a}}</title><textarea>{{a}}</textarea>", "<script>const a = {{json(a)}}, b = 4 / 2;</script>{{a}}",
        "<option {{#a}}selected{{/a}} value=\"{{b}}\">", "<a{{#a}} title=\"{{a}}\"{{/a}}>{{b}}</a>",
        "{{#a}}<div class=\"x\">{{/a}}{{^a}}<div>{{/a}}{{b}}</div>", "a < b {{a}} <3 {{a}}",
        "<script>/* don't */ // don't\nlet r = /['\"]/.test(x); f({{json(a)}})</script>",
        "<script>let s = `${x}` + \"it's\"; f({{json(a)}})</script>", "<SCRIPT>1</SCRIPT >{{a}}",
        "<script>\"<\\/script>\"; if (1 </2/.x) f({{json(a)}})</script>{{a}}", "<style>p > a { }</style>{{a}}",
        "<div {{{a}}}>{{a}}</div>", "<img src=x alt=\"{{a}}\">", "</p>{{a}}<br/>{{a}}<!doctype html>{{a}}",
    ])
    func `a value stands in text or between quotes`(template: String) {
        #expect(Self.refusals(template) == [])
    }

    /// Row H4: a value stays a value at its place in HTML.
    @Test(arguments: [
        ("<p title={{a}}>", "1:10", "without quotes"), ("<p title=x{{a}}>", "1:11", "without quotes"),
        ("<script>let a = {{a}}</script>", "1:17", "a script: write {{json(…)}}"),
        ("<script>let a = \"{{json(a)}}\"</script>", "1:18", "in a string or comment"),
        ("<script>let a = 'x\\'{{json(a)}}'</script>", "1:21", "in a string or comment"),
        ("<script>// {{json(a)}}\n</script>", "1:12", "in a string or comment"),
        ("<script>`${ {{json(a)}} }`</script>", "1:13", "in a string or comment"),
        ("<script>/{{json(a)}}/</script>", "1:10", "in a string or comment"),
        ("<style>p { color: {{a}} }</style>", "1:19", "<style>"), ("<p style=\"{{a}}\">", "1:11", "a style"),
        ("<p onclick=\"f({{json(a)}})\">", "1:15", "whose value is a script"),
        ("<p ONCLICK='{{a}}'>", "1:13", "whose value is a script"), ("<p {{a}}>", "1:4", "attribute's name"),
        ("<p {{a}}=\"x\">", "1:4", "attribute's name"), ("<{{a}}>", "1:2", "attribute's name"),
        ("<h{{a}}>", "1:3", "attribute's name"), ("<iframe srcdoc=\"{{a}}\">", "1:17", "a document"),
        ("<iframe>{{a}}</iframe>", "1:9", "<iframe>"), ("<p\ntitle =\n{{a}}>", "3:1", "without quotes"),
        ("<p title=\"x\"/{{a}}>", "1:14", "attribute's name"), ("<!-- --!><p {{a}}>", "1:13", "attribute's name"),
        ("<script><!-- </script >{{a}}<script>{{a}}", "1:37", "a script"),
    ])
    func `other places are refused`(template: String, place: String, reason: String) {
        let refusals = Self.refusals(template)
        #expect(refusals.count == 1 && refusals[0].hasPrefix("page.html:\(place):") && refusals[0].contains(reason))
    }

    /// Row H4: a value stays a value at its place in HTML.
    @Test func `sections, partials and blocks are gone through as they are written`() {
        #expect(Self.refusals("{{#a}}<script>{{/a}}{{b}}{{#a}}</script>{{/a}}").count == 1)
        #expect(Self.refusals("<p{{#list}} x=\"{{a}}{{/list}}\">").isEmpty == false)
        #expect(Self.refusals("<script>{{>b}}</script>", ["b.html": "\n{{a}}"])[0].hasPrefix("b.html:2:1:"))
        #expect(
            Self.refusals("{{<b}}{{$x}}{{a}}{{/x}}{{/b}}", ["b.html": "<p {{$x}}{{/x}}>"])[0].hasPrefix(
                "page.html:1:13:"))
        #expect(Self.refusals("{{<b}}{{$x}}{{a}}{{/x}}{{/b}}", ["b.html": "<p>{{$x}}{{/x}}</p>"]).isEmpty)
        #expect(Self.refusals("<script>{{>b}}</script>{{>b}}", ["b.html": "{{json(a)}}"]).count == 1)
        #expect(Self.refusals("<p title=\"{{>*a}}\">").count == 1)
    }

    @Test func `a partial that includes itself is gone through once for each place`() {
        let tree = "<li>{{name}}<ul>{{#children}}{{>tree}}{{/children}}</ul>"
        #expect(Self.refusals("<ul>{{>tree}}</ul>{{a}}", ["tree.html": tree]).isEmpty)
    }

    /// Row H1: a template is the author's, and still takes no more than its bounds.
    @Test func `templates that double each other are checked in a moment`() {
        var others: [String: String] = ["t40.html": "{{a}}"]
        for number in 0..<40 { others["t\(number).html"] = "{{>t\(number + 1)}}{{>t\(number + 1)}}" }
        #expect(Self.refusals("{{>t0}}", others).isEmpty)
    }

    /// Row H4: a value stays a value at its place in HTML.
    @Test(arguments: [
        ("javascript:alert(1)", "#"), ("JavaScript:alert(1)", "#"), (" java\tscript:alert(1)", "#"),
        ("\u{1}javascript:alert(1)", "#"), ("data:text/html,x", "#"), ("vbscript:x", "#"), (":x", "#"),
        ("/a:b?c", "/a:b?c"), ("a/b:c", "a/b:c"), ("?x=a:b", "?x=a:b"), ("#a:b", "#a:b"),
        ("//example.org", "//example.org"),
        ("https://example.org/?a&b", "https://example.org/?a&amp;b"), ("MAILTO:a@example.org", "MAILTO:a@example.org"),
        ("", ""), ("plain", "plain"),
    ])
    func `an address that begins with a value is no script`(address: String, written: String) throws {
        let page: ViewValue = ["link": .string(address)]
        for mode in [ModuleMode.test, .production] {
            #expect(
                try ViewsTests.write("<a href=\"{{link}}\">", page, mode: mode) == "<a href=\"\(written)\">")
        }
        #expect(
            try ViewsTests.write("<a href=\"/?q={{link}}\">", ["link": "a:b"] as ViewValue) == "<a href=\"/?q=a:b\">")
    }

    /// Row H4: a value stays a value at its place in HTML.
    @Test func `JSON in a script cannot end it`() throws {
        let page: ViewValue = ["a": ["text": "</script><!--'\u{2028}&\"\\"]]
        #expect(
            try ViewsTests.write("<script>f({{json(a)}})</script><p title=\"{{json(a)}}\">", page)
                == "<script>f({\"text\":\"\\u003C/script\\u003E\\u003C!--\\u0027\\u2028\\u0026\\\"\\\\\"})</script>"
                + "<p title=\"{&quot;text&quot;:&quot;\\u003C/script\\u003E\\u003C!--\\u0027\\u2028\\u0026\\&quot;"
                + "\\\\&quot;}\">")
    }
}
