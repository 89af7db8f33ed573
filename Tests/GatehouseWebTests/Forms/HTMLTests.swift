import GatehouseWeb
import Testing

struct HTMLTests {
    @Test func `what is interpolated is text, unless it is HTML`() {
        let name = "<b> & \"'", nothing: String? = nil, piece: HTML? = "<i>"
        let list: [HTML] = ["<li>", "</li>"]
        let page: HTML = "<p title=\"\(name)\">\(nothing)\(piece)\(list)\(7)\(1.5)\(true)\(name.dropFirst(4))</p>"
        #expect(
            page.text == "<p title=\"&lt;b&gt; &amp; &quot;&#39;\"><i><li></li>71.5true&amp; &quot;&#39;</p>")
        #expect(HTML(list).text == "<li></li>" && HTML().text == "")
        #expect((page + "<hr>").text.hasSuffix("</p><hr>") && HTML(trusted: "<x>").text == "<x>")
    }

    @Test(arguments: [
        "https://a.example/?q=1:2", "http://a", "HTTPS://a", "mailto:a@b.co", "tel:+49", "/a:b", "a/b:c", "?a:b",
        "#a:b",
        "", "a", "./javascript:x", "//a.example",
    ])
    func `ordinary addresses are links`(_ address: String) {
        #expect(HTML.safeLink(address) == address)
    }

    @Test(arguments: [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:x", "\u{1}javascript:x", "java\nscript:x",
        "java\tscript:x", "\r\njavascript\r:x", "data:text/html,<script>", "vbscript:x", "blob:x", "file:///a", ":x",
        "javascript&colon;:x", "x-y:z", "jav\u{0}ascript:x",
    ])
    func `addresses that could run a script are none`(_ address: String) {
        // Browsers ignore what is hidden in these schemes (N4).
        #expect(HTML.safeLink(address) == "#")
        let link: HTML = "<a href=\"\(link: address)\">"
        #expect(link.text == "<a href=\"#\">")
        let attributes: HTMLAttributes = [
            "HREF": .text(address), "formaction": .text(address), "xlink:href": .text(address),
        ]
        #expect(attributes.html.text == " HREF=\"#\" formaction=\"#\" xlink:href=\"#\"")
    }

    @Test func `attributes are quoted, left out, or without a value`() {
        let attributes: HTMLAttributes = [
            "a": "x\"y", "b": true, "c": false, "d": nil, "e": 3, "f": .text(nil), "x onclick=y": "z", "": "z",
            "g\"": "z", "aria-label": "'",
        ]
        #expect(attributes.html.text == " a=\"x&quot;y\" b e=\"3\" aria-label=\"&#39;\"")
        var changed: HTMLAttributes = ["a": "1", "b": "2"]
        changed["a"] = "3"
        #expect(changed["a"] == .text("3") && changed.merging(["b": false, "c": "4"]).html.text == " a=\"3\" c=\"4\"")
    }
}
