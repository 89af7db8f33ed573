import GatehouseWeb
import HTTPTypes
import Hummingbird
import Synchronization
import Testing

struct ViewHelpersTests {
    private let sessions = Sessions<WebContext>(.cookie(.random()), name: "Shop")

    @Test func `templates have the nonce, the messages and the form's field`() async throws {
        let views = try Views(
            templates: [
                "page.html": """
                {{nonce}}|{{#flashes}}<p class="{{kind}}">{{text}}</p>{{/flashes}}|{{csrfField}}|{{mountPath}}
                """
            ], helpers: [.stack])
        var visitor = Visitor()
        try await visitor.visit(sessions) { $0.flash("<Saved>", .success) }
        try await visitor.visit(sessions) { context in
            let page = try views.text("page", [:] as ViewValue, context: context)
            let parts = page.split(separator: "|", omittingEmptySubsequences: false)
            #expect(parts.count == 4 && parts[0] == context.nonce)
            #expect(parts[1] == "<p class=\"success\">&lt;Saved&gt;</p>")
            #expect(parts[2].hasPrefix("<input type=\"hidden\" name=\"csrf_token\" value=\""))
            let token = parts[2].split(separator: "\"").dropLast().last
            #expect(context.isCSRFToken(token))
            #expect(context.takeFlashes().isEmpty)
        }
    }

    @Test func `a page that names none of them begins no session`() async throws {
        let views = try Views(templates: ["page.html": "{{mountPath}}"], helpers: [.stack])
        var visitor = Visitor()
        let response = try await visitor.visit(sessions) { context in
            let page = try views.text("page", [:] as ViewValue, context: context)
            #expect(page.hasPrefix("/shop"))
        }
        #expect(response.headers[.setCookie] == nil && response.headers[.vary] == nil)
    }
}
