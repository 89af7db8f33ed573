import GatehousePlan
import Testing

/// D5: one record is one line, and nobody else's bytes command a terminal.
struct PrintableTests {
    @Test(arguments: [
        ("plain", "plain"), ("a\nb", "a\\nb"), ("a\r\nb", "a\\r\\nb"), ("a\tb", "a\\tb"), ("\u{1b}[31m", "\\x1b[31m"),
        ("\0", "\\x00"), ("\u{7f}", "\\x7f"), ("\u{9b}1m", "\\x9b1m"), ("\u{2028}", "\\u{2028}"),
        ("\u{202e}evil", "\\u{202e}evil"), ("\u{200e}\u{61c}", "\\u{200e}\\u{61c}"), ("\u{feff}", "\\u{feff}"),
        ("é ✓ 語", "é ✓ 語"), ("می\u{200c}خواهم", "می\u{200c}خواهم"), ("👩\u{200d}🔧", "👩\u{200d}🔧"),
    ])
    func `what is not printable is spelled out`(text: String, escaped: String) {
        #expect(text.printable() == escaped)
        #expect(text.printable().unicodeScalars.allSatisfy { $0.isPrintable })
        #expect(escaped.printable() == escaped)
    }

    @Test func `a backslash is escaped where nothing may imitate an escape`() {
        #expect(#"a\x1b"#.printable() == #"a\x1b"#)
        #expect(#"a\x1b"#.printable(escapesBackslash: true) == #"a\\x1b"#)
    }

    @Test func `a long text is cut, and says so`() {
        #expect("abc".printable(atMost: 3) == "abc")
        #expect("abcd".printable(atMost: 3) == "abc…")
        #expect("\u{1b}\u{1b}".printable(atMost: 1) == "\\x1b…")
    }
}
