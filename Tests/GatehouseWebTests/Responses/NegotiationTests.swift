import Gatehouse
import GatehouseWeb
import Testing

struct NegotiationTests {
    private func request(_ headers: HTTPFields) -> Request {
        Request(
            head: HTTPRequest(method: .get, scheme: "http", authority: "x", path: "/", headerFields: headers),
            body: RequestBody(buffer: ByteBuffer()))
    }

    private func accepted(_ header: String?) -> String? {
        var headers: HTTPFields = [:]
        headers[.accept] = header
        return request(headers).accepts(.textHtml, .applicationJson)?.subType
    }

    @Test(
        arguments: [
            (nil, "html"), ("*/*", "html"), ("application/json", "json"), ("text/*;q=0.1, application/json", "json"),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"), ("image/png", nil),
            ("application/json;q=0.5, text/html;q=0.4", "json"), ("*/*;q=0.5, text/html;q=0", "json"),
            ("TEXT/HTML", "html"), ("text/html;q=2", "html"), ("text/html;level=1, */*;q=0.1", "html"), ("", "html"),
        ] as [(String?, String?)])
    func `the client's weights decide`(_ header: String?, _ expected: String?) {
        #expect(accepted(header) == expected)
    }

    @Test func `a browser prefers a page, a program does not`() {
        let browser = request([.accept: "text/html,application/xhtml+xml,*/*;q=0.8"])
        #expect(browser.prefers(.textHtml, to: .applicationJson))
        for header in ["*/*", "application/json", "application/json, text/html"] {
            #expect(!request([.accept: header]).prefers(.textHtml, to: .applicationJson))
        }
        #expect(!request([:]).prefers(.textHtml, to: .applicationJson))
    }

    @Test(arguments: [
        ("de-AT,de;q=0.9,en;q=0.8", "de"), ("en-GB", "en"), ("fr", "en"), ("*;q=0.5, de", "de"), ("", "en"),
        ("de;q=0, en;q=0.1", "en"), ("DE", "de"),
    ])
    func `a language is found by its ranges`(_ header: String, _ expected: String) {
        #expect(request([.acceptLanguage: header]).language(of: "en", "de") == expected)
    }

    @Test func `a dialect is nearer than its language`() {
        #expect(request([.acceptLanguage: "de-AT"]).language(of: "de", "de-AT") == "de-AT")
    }

    /// Row L6 of hostile input: reading is bounded.
    @Test func `a list without end is not read to its end`() {
        #expect(accepted(String(repeating: "a/b;q=0.1,", count: 10_000)) == "html")
        #expect(accepted(String(repeating: ",", count: 2_000) + "application/json") == "json")
        #expect(accepted("text/html" + String(repeating: ";q=0", count: 400)) == nil)
        #expect(accepted("text/html;q=0.99999999999, application/json;q=-1, ;;;,/,*/;q=") == nil)
    }
}
