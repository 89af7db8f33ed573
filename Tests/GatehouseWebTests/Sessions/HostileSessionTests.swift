@testable import GatehouseWeb
import HTTPTypes
import Hummingbird
import Testing

private let name = "__Host-Shop"

/// Cookies that were forged (row I1), sent in masses (I2), replayed after their secret's end (I3), and planted (I4).
struct HostileSessionTests {
    private let clock = TestClock()

    private func sessions(_ keys: KeyRing, name: String = "Shop") -> Sessions<WebContext> {
        let clock = clock
        return Sessions(.cookie(keys), name: name, lifetime: SessionLifetime(), isHTTPSOnly: false, now: { clock.now })
    }

    private func secret(_ letter: String) -> String { String(repeating: letter, count: 32) }

    @Test func `a cookie that was changed anywhere is no session`() async throws {
        let sessions = sessions(.random())
        var visitor = Visitor()
        try await visitor.visit(sessions) { $0.session["a"] = 1 }
        let cookie = Array(try #require(visitor.cookies[name]).utf8)
        for index in cookie.indices {
            var forged = cookie
            forged[index] = forged[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            for bytes in [forged, Array(cookie[..<index])] {
                visitor.cookies = [name: String(decoding: bytes, as: UTF8.self)]
                try await visitor.visit(sessions) { #expect($0.session.isEmpty) }
            }
        }
        for text in ["", "=", "A", "%00", "null", "\u{FFFD}", String(repeating: "A", count: 100_000)] {
            visitor.cookies = [name: text]
            try await visitor.visit(sessions) { #expect($0.session.isEmpty) }
        }
    }

    @Test func `a cookie is no other module's, no other name's and no plain one's`() async throws {
        let keys = KeyRing.random()
        var visitor = Visitor()
        try await visitor.visit(sessions(keys)) { $0.session["a"] = 1 }
        let cookie = try #require(visitor.cookies[name])
        visitor.cookies = ["__Host-Blog": cookie]
        try await visitor.visit(sessions(keys, name: "Blog")) { #expect($0.session.isEmpty) }
        visitor.cookies = ["Shop": cookie]
        try await visitor.visit(sessions(keys)) { #expect($0.session.isEmpty) }
        visitor.isSecure = false
        try await visitor.visit(sessions(keys)) { #expect($0.session.isEmpty) }
    }

    @Test func `an old secret opens until it is taken out`() async throws {
        var visitor = Visitor()
        try await visitor.visit(sessions(KeyRing([secret("a")]))) { $0.session["a"] = 1 }
        let before = visitor
        try await visitor.visit(sessions(KeyRing([secret("b"), secret("a")]))) { context in
            #expect(context.session["a"] == 1)
            context.session["b"] = 1
        }
        try await visitor.visit(sessions(KeyRing([secret("b")]))) { #expect($0.session["a"] == 1) }
        var replayed = before
        try await replayed.visit(sessions(KeyRing([secret("b")]))) { #expect($0.session.isEmpty) }
    }

    @Test func `of several cookies of one name the first that is a session counts, and of many none`() async throws {
        let sessions = sessions(.random())
        var visitor = Visitor()
        try await visitor.visit(sessions) { $0.session["a"] = 1 }
        visitor.otherCookies = "\(name)=forged; \(name)=; "
        try await visitor.visit(sessions) { #expect($0.session["a"] == 1) }
        visitor.otherCookies = String(repeating: "\(name)=forged; ", count: 2_000)
        try await visitor.visit(sessions) { #expect($0.session.isEmpty) }
    }

    @Test func `a session that is too large for a cookie is an error that says what is large`() async throws {
        let sessions = sessions(.random())
        var visitor = Visitor()
        let error = await #expect(throws: SessionError.self) {
            try await visitor.visit(sessions) { context in
                context.session["note"] = String(repeating: "x", count: 3_000)
                context.session["small"] = 1
            }
        }
        let text = try #require(error?.description)
        #expect(text.contains("\"note\" has 3002, \"small\" has 1 bytes") && text.contains(".database"))
        #expect(!text.contains("xxx"))
    }

    @Test func `a session's cookie has at most 4,096 bytes with all attributes`() async throws {
        let sessions = sessions(.random())
        var longest = 0
        for count in 2_850..<3_000 {
            var visitor = Visitor()
            do {
                let response = try await visitor.visit(sessions) {
                    $0.session["note"] = String(repeating: "x", count: count)
                }
                longest = try #require(response.headers[.setCookie]).utf8.count
            } catch is SessionError {
                break
            }
        }
        #expect((4_095...4_096).contains(longest))
    }

    @Test func `a value that cannot be kept ends the request, and its text stays secret`() async throws {
        struct Unencodable: Codable {
            var secret = "s3cret"
            func encode(to encoder: any Encoder) throws {
                throw EncodingError.invalidValue(secret, .init(codingPath: [], debugDescription: secret))
            }
        }
        let sessions = sessions(.random())
        for name in ["", String(repeating: "n", count: 256)] {
            var visitor = Visitor()
            await #expect(throws: SessionError.self) { try await visitor.visit(sessions) { $0.session[name] = 1 } }
        }
        var visitor = Visitor()
        let error = await #expect(throws: SessionError.self) {
            try await visitor.visit(sessions) { $0.session["a"] = Unencodable() }
        }
        #expect(error?.description.contains("s3cret") == false)
    }

    @Test func `an attacker's session that was planted is not the one that signs in`() async throws {
        let sessions = sessions(.random())
        var attacker = Visitor()
        try await attacker.visit(sessions) { context in
            context.session["cart"] = [1]
            _ = context.csrfToken
        }
        let token = Token()
        // His cookie is in the victim's browser, and the victim signs in.
        var victim = attacker
        try await victim.visit(sessions) { context in
            context.session.renew()
            context.session["user"] = "victim"
            context.session["secret"] = token.text
            #expect(context.session["_csrf", as: String.self] == nil)
        }
        try await attacker.visit(sessions) { #expect($0.session["user", as: String.self] == nil) }
        try await victim.visit(sessions) { #expect($0.session["user"] == "victim") }
    }

    @Test func `shared caches never get a page with a session`() async throws {
        let sessions = sessions(.random())
        for (control, kept) in [
            ("public, max-age=60", "private, max-age=60"), ("max-age=60, s-maxage=600", "private, max-age=60"),
            ("no-store", "no-store"), ("private, max-age=1", "private, max-age=1"), ("", "private"),
        ] {
            let visitor = Visitor()
            let response = try await sessions.handle(visitor.request(), context: visitor.context()) { _, context in
                context.session["a"] = 1
                return Response(status: .ok, headers: [.cacheControl: control, .vary: "Accept-Encoding"])
            }
            #expect(response.headers[.cacheControl] == kept)
            #expect(response.headers[.vary] == "Accept-Encoding, Cookie")
        }
    }
}
