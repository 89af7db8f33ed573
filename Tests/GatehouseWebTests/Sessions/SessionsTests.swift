@testable import GatehouseWeb
import HTTPTypes
import Hummingbird
import Testing

private let name = "__Host-Shop"

struct SessionsTests {
    private let clock = TestClock()
    private let keys = KeyRing.random()

    private func sessions(
        _ lifetime: SessionLifetime = SessionLifetime(idle: .seconds(1_000), absolute: .seconds(5_000)),
        isHTTPSOnly: Bool = false
    ) -> Sessions<WebContext> {
        let clock = clock
        return Sessions(
            .cookie(keys), name: "Shop", lifetime: lifetime, isHTTPSOnly: isHTTPSOnly, now: { clock.now })
    }

    @Test func `a visitor gets no cookie until something is stored, and then keeps it`() async throws {
        var visitor = Visitor()
        let none = try await visitor.visit(sessions()) { _ in }
        #expect(none.headers[.setCookie] == nil && none.headers[.vary] == nil && none.headers[.cacheControl] == nil)
        let looked = try await visitor.visit(sessions()) { #expect($0.session["a", as: Int.self] == nil) }
        #expect(looked.headers[.setCookie] == nil && looked.headers[.vary] == "Cookie")
        let stored = try await visitor.visit(sessions()) { $0.session["a"] = 7 }
        let cookie = try #require(stored.headers[.setCookie])
        #expect(
            cookie.hasPrefix("\(name)=") && cookie.hasSuffix("; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=1000"))
        #expect(stored.headers[.cacheControl] == "private" && stored.headers[.vary] == "Cookie")
        let read = try await visitor.visit(sessions()) { #expect($0.session["a", as: Int.self] == 7) }
        #expect(read.headers[.setCookie] == nil && read.headers[.cacheControl] == "private")
        let same = try await visitor.visit(sessions()) { $0.session["a"] = 7 }
        #expect(same.headers[.setCookie] == nil)
    }

    @Test func `values have types, keys and defaults, and can be removed`() async throws {
        var visitor = Visitor()
        try await visitor.visit(sessions()) { context in
            context.session[.cart, default: []].append(1)
            context.session[.cart, default: []].append(2)
            context.session["name", as: String.self] = "Ann"
        }
        try await visitor.visit(sessions()) { context in
            #expect(context.session[.cart] == [1, 2])
            #expect(context.session["name"] == "Ann")
            #expect(context.session["name", as: Int.self] == nil)
            context.session["name", as: String.self] = nil
            context.session[.cart] = nil
            #expect(context.session.isEmpty)
        }
        // Nothing is left in it.
        #expect(visitor.cookies.isEmpty)
    }

    @Test func `the last use is written down when a tenth of the idle time has passed`() async throws {
        var visitor = Visitor()
        try await visitor.visit(sessions()) { $0.session["a"] = 1 }
        clock.pass(99)
        #expect(try await visitor.visit(sessions()) { _ = $0.session.isEmpty }.headers[.setCookie] == nil)
        clock.pass(1)
        #expect(try await visitor.visit(sessions()) { _ in }.headers[.setCookie] == nil)
        #expect(try await visitor.visit(sessions()) { _ = $0.session.isEmpty }.headers[.setCookie] != nil)
        clock.pass(999)
        try await visitor.visit(sessions()) { #expect($0.session["a"] == 1) }
        clock.pass(1_000)
        try await visitor.visit(sessions()) { #expect($0.session.isEmpty) }
    }

    @Test func `a session ends at its age however much it is used, and renewal begins it anew`() async throws {
        var visitor = Visitor()
        try await visitor.visit(sessions()) { $0.session["a"] = 1 }
        for _ in 0..<5 {
            clock.pass(900)
            try await visitor.visit(sessions()) { #expect($0.session["a"] == 1) }
        }
        var renewed = visitor
        try await renewed.visit(sessions()) { $0.session.renew() }
        clock.pass(500)
        try await visitor.visit(sessions()) { #expect($0.session.isEmpty) }
        try await renewed.visit(sessions()) { #expect($0.session["a"] == 1) }
    }

    @Test func `a session that is ended loses its cookie, and may begin again`() async throws {
        var visitor = Visitor()
        try await visitor.visit(sessions()) { $0.session["a"] = 1 }
        var other = visitor
        let ended = try await visitor.visit(sessions()) { $0.session.destroy() }
        #expect(ended.headers[.setCookie] == "\(name)=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0")
        try await other.visit(sessions()) { context in
            context.session.destroy()
            context.session["b"] = 2
        }
        try await other.visit(sessions()) { context in
            #expect(context.session["a", as: Int.self] == nil && context.session["b"] == 2)
        }
    }

    @Test func `an error that is an answer keeps what was stored, and any other does not`() async throws {
        struct Fault: Error {}
        var visitor = Visitor()
        let refused = try await visitor.visit(sessions()) { context in
            context.session["a"] = 1
            throw HTTPError(.forbidden)
        }
        #expect(refused.status == .forbidden && refused.headers[.setCookie] != nil)
        await #expect(throws: Fault.self) {
            try await visitor.visit(sessions()) { context in
                context.session["a"] = 2
                throw Fault()
            }
        }
        await #expect(throws: HTTPError.self) {
            try await visitor.visit(sessions()) { _ in throw HTTPError(.notFound) }
        }
        let failed = try await visitor.visit(sessions()) { context in
            context.session["a"] = 3
            throw HTTPError(.serviceUnavailable)
        }
        #expect(failed.headers[.setCookie] == nil && failed.headers[.vary] == "Cookie")
        try await visitor.visit(sessions()) { #expect($0.session["a"] == 1) }
    }

    @Test func `over plain HTTP the cookie has its plain name, unless HTTPS is sure`() async throws {
        var visitor = Visitor()
        visitor.isSecure = false
        let response = try await visitor.visit(sessions()) { $0.session["a"] = 1 }
        #expect(response.headers[.setCookie]?.hasPrefix("Shop=") == true)
        #expect(response.headers[.setCookie]?.contains("Secure") == false)
        try await visitor.visit(sessions()) { #expect($0.session["a"] == 1) }
        let sure = try await visitor.visit(sessions(isHTTPSOnly: true)) { context in
            #expect(context.session.isEmpty)
            context.session["a"] = 1
        }
        #expect(sure.headers[.setCookie]?.hasPrefix(name) == true)
    }

    @Test func `in production it is said once that a cookie goes without Secure`() async throws {
        let sessions = Sessions<WebContext>(
            .cookie(keys), name: "Shop", lifetime: SessionLifetime(), isHTTPSOnly: false, saysInsecure: true)
        var visitor = Visitor()
        try await visitor.visit(sessions) { $0.session["a"] = 1 }
        #expect(visitor.log.all.isEmpty)
        visitor.isSecure = false
        for _ in 0..<3 { try await visitor.visit(sessions) { $0.session["a", as: Int.self] = nil } }
        for number in 0..<3 { try await visitor.visit(sessions) { $0.session["a"] = number } }
        #expect(visitor.log.all.count == 1 && visitor.log.all[0].contains("https-only: true"))
    }

    @Test func `a cookie that ends with the browser has no age`() async throws {
        var visitor = Visitor()
        let response = try await visitor.visit(sessions(SessionLifetime(outlivesBrowser: false))) {
            $0.session["a"] = 1
        }
        #expect(response.headers[.setCookie]?.contains("Max-Age") == false)
    }

    @Test func `a session without its middleware is empty and says so`() async throws {
        let visitor = Visitor()
        let context = visitor.context()
        context.session["a"] = 1
        #expect(context.session["a"] == 1)
        #expect(visitor.log.all.count == 1)
        #expect(visitor.log.all[0].contains("without the middleware Sessions"))
    }

    @Test func `a change after the response is lost and logged`() async throws {
        let visitor = Visitor()
        let context = visitor.context()
        _ = try await sessions().handle(visitor.request(), context: context) { _, context in
            _ = context.session.isEmpty
            return Response(status: .ok)
        }
        context.session["a"] = 1
        #expect(visitor.log.all.contains { $0.contains("the change is lost") })
    }
}

extension SessionKey where Value == [Int] {
    fileprivate static var cart: SessionKey { SessionKey("cart") }
}
