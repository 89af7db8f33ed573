import GatehouseWeb
import NIOCore
import Testing

struct HTMLEscapingTests {
    /// Texts and what they are between tags, with marks at either end, alone, in a row, and beside longer characters.
    static let texts = [
        ("", ""), ("plain", "plain"), ("<", "&lt;"), (">", "&gt;"), ("&", "&amp;"), ("\"", "&quot;"), ("'", "&#39;"),
        ("<b>", "&lt;b&gt;"), ("a&b", "a&amp;b"), ("&amp;", "&amp;amp;"), ("<<", "&lt;&lt;"), ("é<é", "é&lt;é"),
        ("🦉'", "🦉&#39;"), ("<\u{301}", "&lt;\u{301}"), ("a\u{0}b\n", "a\u{0}b\n"), ("a=b;/`", "a=b;/`"),
        ("<script>alert('x & \"y\"')</script>", "&lt;script&gt;alert(&#39;x &amp; &quot;y&quot;&#39;)&lt;/script&gt;"),
    ]

    @Test(arguments: texts)
    func `five characters are escaped, and no others`(_ text: String, _ escaped: String) {
        #expect(text.htmlEscaped == escaped)
        var string = "x"
        string.appendHTMLEscaped(text)
        #expect(string == "x" + escaped)
        var buffer = ByteBuffer(string: "x")
        buffer.writeHTMLEscaped(text)
        #expect(String(buffer: buffer) == "x" + escaped)
    }

    @Test func `each byte of ASCII and each length is escaped as one at a time`() {
        for byte in UInt8(0)..<128 {
            for length in 0...17 {
                let character = String(Unicode.Scalar(byte))
                let text = String(repeating: character, count: length) + "ü" + character
                let expected =
                    switch character {
                    case "&": "&amp;"
                    case "<": "&lt;"
                    case ">": "&gt;"
                    case "\"": "&quot;"
                    case "'": "&#39;"
                    default: character
                    }
                #expect(text.htmlEscaped == String(repeating: expected, count: length) + "ü" + expected)
            }
        }
    }
}
