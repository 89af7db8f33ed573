@testable import GatehouseWeb
import HTTPTypes
import Hummingbird
import Synchronization
import Testing

/// A form without its session's token is refused (row I5).
struct CSRFTokenTests {
    private let sessions = Sessions<WebContext>(.cookie(.random()), name: "Shop")
    private let form: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]

    /// A visitor with a session, and a token of it.
    private func visitorWithToken() async throws -> (Visitor, String) {
        var visitor = Visitor()
        let box = TokenBox()
        try await visitor.visit(sessions) { box.text = $0.csrfToken }
        return (visitor, box.text)
    }

    private func status(_ visitor: Visitor, _ request: Request, exempt: [RouterPath] = []) async throws -> Int {
        do {
            let response = try await sessions.handle(request, context: visitor.context()) { request, context in
                try await CSRFTokens<WebContext>(exempt: exempt).handle(request, context: context) { request, _ in
                    // The form is still there for its handler.
                    let body = try await request.body.collect(upTo: 2_000_000)
                    return Response(status: .ok, body: ResponseBody(byteBuffer: body))
                }
            }
            return response.status.code
        } catch let error as any HTTPResponseError {
            return try error.response(from: request, context: visitor.context()).status.code
        }
    }

    @Test func `a token is another text each time and always this session's`() async throws {
        let (visited, token) = try await visitorWithToken()
        var visitor = visited
        try await visitor.visit(sessions) { context in
            let other = context.csrfToken
            #expect(other != token && context.isCSRFToken(other) && context.isCSRFToken(token))
            #expect(context.csrfField.contains("name=\"csrf_token\" value=\""))
            for wrong in ["", "A", String(token.dropLast()), token + "AAAA", Token().text, String(token.reversed())] {
                #expect(!context.isCSRFToken(wrong))
            }
            #expect(!context.isCSRFToken(nil as String?))
        }
    }

    @Test func `a form or a header with the token passes, and nothing without`() async throws {
        let (visitor, token) = try await visitorWithToken()
        let name = try #require(HTTPField.Name("X-CSRF-Token"))
        let body = "a=1&csrf_token=\(token)&b=2"
        #expect(try await status(visitor, visitor.request(.post, headers: form, body: body)) == 200)
        #expect(try await status(visitor, visitor.request(.put, headers: [name: token])) == 200)
        #expect(try await status(visitor, visitor.request(.get)) == 200)
        #expect(try await status(visitor, visitor.request(.post, "/hooks/a"), exempt: ["/hooks/*"]) == 200)
        for (headers, body) in [
            (form, "a=1"), (form, "csrf_token="), (form, "xcsrf_token=\(token)"), ([:], "csrf_token=\(token)"),
            ([name: ""], "csrf_token=\(token)"), (form, "csrf_token=wrong&csrf_token=\(token)"),
            ([.contentType: "multipart/form-data; boundary=x"], "csrf_token=\(token)"),
        ] as [(HTTPFields, String)] {
            #expect(try await status(visitor, visitor.request(.post, headers: headers, body: body)) == 403)
        }
        let large = String(repeating: "x", count: 1 << 20)
        #expect(try await status(visitor, visitor.request(.post, headers: form, body: body + large)) == 413)
    }

    @Test func `another session's token is none, and renewal makes an old one worthless`() async throws {
        let (_, token) = try await visitorWithToken()
        let (visited, own) = try await visitorWithToken()
        var other = visited
        #expect(try await status(other, other.request(.post, headers: form, body: "csrf_token=\(token)")) == 403)
        try await other.visit(sessions) { context in
            context.session["user"] = 1
            context.session.renew()
        }
        #expect(try await status(other, other.request(.post, headers: form, body: "csrf_token=\(own)")) == 403)
        #expect(try await status(Visitor(), Visitor().request(.post, headers: form, body: "csrf_token=\(own)")) == 403)
    }
}

/// A text that a handler leaves for its test.
private final class TokenBox: Sendable {
    private let value = Mutex("")

    var text: String {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}
