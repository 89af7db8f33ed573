@testable import GatehouseWeb
import Hummingbird
import Testing

struct FlashTests {
    private let sessions = Sessions<WebContext>(.cookie(.random()), name: "Shop")

    @Test func `a message waits through redirects for the page that shows it, once`() async throws {
        var visitor = Visitor()
        try await visitor.visit(sessions) { context in
            context.flash("Saved.", .success)
            context.flash("<b>")
        }
        try await visitor.visit(sessions) { _ in }
        try await visitor.visit(sessions) { context in
            #expect(context.takeFlashes() == [Flash("Saved.", .success), Flash("<b>", .info)])
            #expect(context.takeFlashes().isEmpty)
        }
        #expect(visitor.cookies.isEmpty)
    }

    @Test func `a page that looks for messages and finds none sets no cookie`() async throws {
        var visitor = Visitor()
        let response = try await visitor.visit(sessions) { #expect($0.takeFlashes().isEmpty) }
        #expect(response.headers[.setCookie] == nil)
    }

    @Test func `messages that nobody takes do not fill the session`() async throws {
        var visitor = Visitor()
        for number in 0..<50 { try await visitor.visit(sessions) { $0.flash("message \(number)") } }
        try await visitor.visit(sessions) { context in
            #expect(context.takeFlashes().map(\.text) == (42..<50).map { "message \($0)" })
        }
    }
}
