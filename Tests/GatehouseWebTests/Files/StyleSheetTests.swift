@testable import GatehouseWeb
import Testing

struct StyleSheetTests {
    private func references(_ css: String) -> [String] { StyleSheet(Array(css.utf8)).references.map(\.path) }

    @Test func `references are found in every form`() {
        #expect(
            references("a{b:url(x.png)} @import 'y.css'; @IMPORT \"z.css\" screen; c{d:URL( \"w.png\" )}")
                == ["x.png", "y.css", "z.css", "w.png"])
        #expect(references("@import/* */url(a.css); src:url('f.eot?#iefix')") == ["a.css", "f.eot"])
    }

    @Test func `comments, strings and addresses elsewhere are none`() {
        #expect(references("/* url(x.png) */ content:\"url(y.png)\"; a:url(data:image/png;base64,AA/x)").isEmpty)
        #expect(references("a:url(https://x/y.png) url(//x/y) url(/root.png) url(#id) url() my-url(x)").isEmpty)
    }

    @Test(arguments: ["url(", "url(\"", "\"", "@import", "/*", "@import '\\", "url('a\nb')", "url(a", "\\", "'\\"])
    func `text that ends too early ends well`(_ css: String) {
        _ = StyleSheet(Array(css.utf8))
        _ = StyleSheet([0xFF, 0xFE] + Array(css.utf8))
    }

    @Test func `a place has line and column`() throws {
        let sheet = StyleSheet(Array("a{}\n  b:url(x.png)".utf8))
        #expect(sheet.place(of: try #require(sheet.references.first)) == "2:9")
    }
}
