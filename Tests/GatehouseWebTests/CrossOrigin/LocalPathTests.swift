@testable import GatehouseWeb
import Hummingbird
import Testing

/// No redirect leads away from this host (row I6).
struct LocalPathTests {
    @Test(
        arguments: [
            "", "evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example",
            "\\\\evil.example", "/\t/evil.example", "/\n/evil.example", "/\r\n\r\nx", "\t//evil.example", " /a",
            "https://evil.example", "https:evil.example", "javascript:alert(1)", "data:text/html,x", "/a b", "/a\u{0}",
            "/é", "/a\u{7f}", "/a\\..\\b", "?next=/a", "#a", ".", "../a", "/\u{2028}", "mailto:a@b.example",
        ])
    func `no text leads to another place`(_ text: String) {
        #expect(LocalPath(text) == nil)
        let response = Visitor().context().redirect(toLocal: text)
        #expect(response.headers[.location] == "/shop/" && response.status == .seeOther)
    }

    @Test(arguments: [
        "/", "/a", "/a/b?c=//d&e=https://f", "/a#b", "/%2F%2Fevil.example", "/a//b", "/:a", "/.//a", "/a:b@c",
    ])
    func `a path on this host is taken as it is`(_ text: String) {
        #expect(LocalPath(text)?.text == text)
        #expect(Visitor().context().redirect(toLocal: text).headers[.location] == text)
    }

    @Test func `a path has a longest length, and there is another place for none`() {
        #expect(LocalPath("/" + String(repeating: "a", count: 2_047)) != nil)
        #expect(LocalPath("/" + String(repeating: "a", count: 2_048)) == nil)
        let context = Visitor().context()
        #expect(context.redirect(toLocal: nil as String?, otherwise: "/home").headers[.location] == "/home")
    }
}
