import FoundationEssentials
@testable import GatehouseWeb
import Testing

struct WebSettingsTests {
    private func settings(_ json: String) throws -> WebSettings {
        try JSONDecoder().decode(WebSettings.self, from: Data(json.utf8))
    }

    @Test func `all settings are read`() throws {
        let key = String(repeating: "k", count: 32)
        let settings = try settings(
            """
            {"keys": ["\(key)"], "session-name": "shop", "session-idle": "30m", "session-lifetime": "12h",
            "trusted-origins": ["https://a.example"], "csrf-tokens": true, "https-only": true,
            "strict-transport-security": "365d"}
            """)
        var expected = WebSettings()
        expected.keys = [key]
        expected.sessionName = "shop"
        expected.session = SessionLifetime(idle: .seconds(1_800), absolute: .seconds(43_200))
        expected.trustedOrigins = ["https://a.example"]
        expected.requiresCSRFTokens = true
        expected.isHTTPSOnly = true
        expected.strictTransportSecurity = .seconds(31_536_000)
        #expect(settings == expected)
        #expect(try self.settings("{}") == WebSettings())
        var text = "\(settings) \(String(reflecting: settings))"
        dump(settings, to: &text)
        #expect(!text.contains("kkk"))
    }

    @Test(arguments: [("90 minutes", 5_400), ("2 days", 172_800), ("1500ms", 1.5)])
    func `times are written as in the rest of the configuration`(_ text: String, _ seconds: Double) throws {
        #expect(try settings(#"{"session-idle": "\#(text)"}"#).session.idle == .seconds(seconds))
    }

    @Test(
        arguments: [
            (#"{"session-idel": "1d"}"#, "there is no such setting"), (#"{"keys": "secret"}"#, "write a list"),
            (#"{"keys": ["s3cret"]}"#, "secret 1 has 6 characters"), (#"{"keys": []}"#, "there is no secret"),
            (#"{"session-idle": 30}"#, "write a time"), (#"{"session-idle": "0s"}"#, "write a time"),
            (#"{"session-idle": "1w"}"#, "write a time"), (#"{"session-idle": "1001d"}"#, "write a time"),
            (#"{"session-idle": "99999999999999999999d"}"#, "write a time"),
            (#"{"session-idle": "d"}"#, "write a time"),
            (#"{"trusted-origins": ["a.example"]}"#, "is no origin"), (#"{"https-only": "yes"}"#, "true or false"),
        ])
    func `a setting that is wrong is an error that says how to write it`(_ json: String, _ words: String) throws {
        let error = #expect(throws: DecodingError.self) { try settings(json) }
        #expect("\(try #require(error))".contains(words))
        #expect(!"\(try #require(error))".contains("s3cret"))
    }
}
