import GatehouseWeb
import HTTPTypes
import Hummingbird
import Synchronization
import Testing

struct SignInTests {
    private let browser: HTTPFields = [.accept: "text/html,application/xhtml+xml,*/*;q=0.8"]

    @Test func `who signs in is the user until he signs out`() async throws {
        let site = try SignInSite()
        #expect(try await site.text("/who") == "nobody")
        #expect(site.cookieText.isEmpty)
        try await site.send("/in/1", .post)
        #expect(try await site.text("/who") == "Ann")
        #expect(try await site.text("/me") == "Ann")
        try await site.send("/out", .post)
        #expect(try await site.text("/who") == "nobody")
        #expect(site.cookieText.isEmpty)
    }

    @Test func `row J7: a session has a new id after the sign-in`() async throws {
        let site = try SignInSite()
        try await site.send("/cart", .post)
        let planted = site.cookieText
        try await site.send("/in/1", .post)
        let own = site.cookieText
        #expect(planted != own)
        #expect(try await site.text("/cart") == "7")
        site.cookieText = planted
        #expect(try await site.text("/who") == "nobody")
        site.cookieText = own
        #expect(try await site.text("/who") == "Ann")
    }

    @Test func `another user finds nothing of the one before`() async throws {
        let site = try SignInSite()
        try await site.send("/in/1", .post)
        try await site.send("/cart", .post)
        try await site.send("/in/2", .post)
        #expect(try await site.text("/who") == "Bob")
        #expect(try await site.text("/cart") == "0")
        try await site.send("/cart", .post)
        try await site.send("/in/2", .post)
        #expect(try await site.text("/cart") == "7")
    }

    @Test func `a changed stamp signs everybody out who was that user`() async throws {
        let site = try SignInSite()
        try await site.send("/in/1", .post)
        try await site.send("/cart", .post)
        site.members.withLock { $0[1]?.signInStamp = "second" }
        #expect(try await site.text("/who") == "nobody")
        #expect(site.cookieText.isEmpty)
        try await site.send("/in/1", .post)
        #expect(try await site.text("/who") == "Ann")
        #expect(try await site.text("/cart") == "0")
    }

    @Test func `a user who was deleted is one no longer`() async throws {
        let site = try SignInSite()
        try await site.send("/in/2", .post)
        site.members.withLock { $0[2] = nil }
        #expect(try await site.text("/who") == "nobody")
        #expect(try await site.send("/me").status == .unauthorized)
    }

    @Test func `row J9: a browser is sent to the sign-in page, and others get a 401`() async throws {
        let site = try SignInSite()
        let page = try await site.send("/me?a=1&b=ü/".replacing("ü", with: "%C3%BC"), headers: browser)
        #expect(page.status == .seeOther)
        #expect(page.headers[.location] == "/club/sign-in?return=/club/me%3Fa%3D1%26b%3D%25C3%25BC/")
        #expect(page.headers[.cacheControl]?.contains("no-store") == true)
        let form = try await site.send("/me", .post, headers: browser)
        #expect(form.status == .seeOther && form.headers[.location] == "/club/sign-in")
        for headers: HTTPFields in [[:], [.accept: "application/json"], [.accept: "*/*"]] {
            let answer = try await site.send("/me", headers: headers)
            #expect(answer.status == .unauthorized && answer.headers[.location] == nil)
            #expect(answer.headers[.wwwAuthenticate] != nil)
        }
        #expect(try await SignInSite(page: nil).send("/me", headers: browser).status == .unauthorized)
    }

    @Test(arguments: ["/admin", "/staff"]) func `some users may and others may not`(_ path: String) async throws {
        let site = try SignInSite()
        #expect(try await site.send(path).status == .unauthorized)
        try await site.send("/in/2", .post)
        #expect(try await site.send(path).status == .forbidden)
        try await site.send("/in/1", .post)
        #expect(try await site.send(path).status == .ok)
    }

    @Test func `a user's pages are not kept, unless the handler says so`() async throws {
        let site = try SignInSite()
        #expect(try await site.send("/who").headers[.cacheControl] == "private")
        try await site.send("/in/1", .post)
        #expect(try await site.send("/who").headers[.cacheControl] == "no-store")
        #expect(try await site.send("/cached").headers[.cacheControl] == "private, max-age=60")
    }

    @Test func `the front server's user goes before the session`() async throws {
        let site = try SignInSite(remoteUser: true)
        #expect(try await site.text("/who", remoteUser: "Bob") == "Bob")
        #expect(try await site.text("/who") == "nobody")
        try await site.send("/in/1", .post)
        #expect(try await site.text("/who") == "Ann")
        #expect(try await site.text("/who", remoteUser: "Bob") == "Bob")
        #expect(try await site.text("/who", remoteUser: "Mallory") == "nobody")
    }

    @Test func `without the option a front server's user is nobody, and a header never is one`() async throws {
        let site = try SignInSite()
        #expect(try await site.text("/who", remoteUser: "Bob") == "nobody")
        let name = try #require(HTTPField.Name("Remote-User"))
        let response = try await SignInSite(remoteUser: true).send("/me", headers: [name: "Ann"])
        #expect(response.status == .unauthorized)
    }
}
