import GatehouseWeb
import Testing

/// Row L3 of hostile input: a name stays within its quotes.
struct ContentDispositionTests {
    @Test func `a name is written in both forms`() {
        #expect(ContentDisposition.attachment("plain.txt").text == "attachment; filename=\"plain.txt\"")
        #expect(
            ContentDisposition.attachment("Bericht März.pdf").text
                == "attachment; filename=\"Bericht M_rz.pdf\"; filename*=UTF-8''Bericht%20M%C3%A4rz.pdf")
        #expect(ContentDisposition.inline().text == "inline")
    }

    @Test(arguments: [
        "a\r\nSet-Cookie: b=c", "a\"; filename=\"evil.exe", "..\\..\\evil", "../../evil", "a\0b", "\u{202E}gpj.exe",
        "\u{61C}gpj.exe",
        "a\u{85}b", "%0d%0aX: y",
    ])
    func `no name gets out of its quotes`(_ name: String) {
        let text = ContentDisposition.attachment(name).text
        #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
        #expect(!text.contains("\\") && !text.contains("/"))
        let plain = text.split(separator: "\"", omittingEmptySubsequences: false)
        #expect(plain.count == 3 && !plain[1].contains("%"))
        #expect(!text.contains("%D8%9C") && !text.contains("%E2%80%AE"))
    }

    @Test func `a long name is cut before its extension`() throws {
        let text = ContentDisposition.attachment(String(repeating: "ä", count: 5_000) + ".pdf").text
        #expect(text.utf8.count < 1_000 && text.hasSuffix(".pdf"))
    }
}
