import FoundationEssentials
import Gatehouse
import GatehouseTesting
import GatehouseWeb
import Synchronization
import Testing

/// A module whose handlers take forms in each way.
private struct FormModule: HandlerModule {
    struct Note: Form, Codable, Equatable {
        var title: String
        var tags: [String]
        var stars: Int?

        func validate(_ check: FormCheck) { check("title", title).length(...10) }
    }

    /// A value that knows whether it was decoded on an event loop.
    struct Place: Decodable {
        let thread: String

        init(from decoder: any Decoder) throws { thread = HandlerLoop.current == nil ? "no loop" : "a loop" }
    }

    struct Upload: Form { var file: UploadedFile, title: String }

    init(context: ModuleContext) async throws {}

    func routes(_ router: Router<WebContext>) {
        router.post("form") { request, _ -> Response in
            let submission = try await request.form(Note.self)
            let page: HTML = "\(submission.view.input("title", "Title"))"
            return page.response(submission.status)
        }
        router.post("both") { request, _ -> String in
            let note = try await request.form(Note.self, accepting: .forms + [.json]).valid()
            return "\(note.title) \(note.tags) \(note.stars ?? 0)"
        }
        router.post("decode") { request, context -> String in
            let note = try await request.decode(as: Note.self, context: context)
            return "\(note.title) \(note.tags) \(note.stars ?? 0)"
        }
        router.post("place") { request, context -> String in
            try await request.decode(as: Place.self, context: context).thread
        }
        router.post("file") { request, _ -> String in
            let upload = try await request.form(Upload.self).valid()
            return "\(upload.title), \(upload.file.name), \(upload.file.size) bytes"
        }
        router.get("search") { request, _ -> HTML in
            let search = try request.query(Note.self)
            return "\(search.value?.title ?? "nothing")"
        }
    }
}

/// Requests with forms, through the whole server.
struct RequestFormTests {
    private static let form: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
    private static let json: HTTPFields = [.contentType: "application/json; charset=utf-8"]

    private func post(
        _ module: ModuleTester, _ path: String, _ text: String, _ headers: HTTPFields = form
    ) async throws -> ModuleTester.Response {
        try await module.post(path, body: Array(text.utf8), headers: headers)
    }

    private func serve(_ body: @Sendable @escaping (ModuleTester) async throws -> Void) async throws {
        try await ModuleTester.run(FormModule.self, body)
    }

    @Test func `a page comes back with what was typed, as 422`() async throws {
        try await serve { module async throws in
            let good = try await post(module, "/form", "title=a")
            #expect(good.status == .ok && good.headers[.contentType] == "text/html; charset=utf-8")
            let wrong = try await post(module, "/form", "title=<b>+is+too+long")
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.text.contains("value=\"&lt;b&gt; is too long\""))
            #expect(wrong.text.contains("Enter at most 10 characters; there are 15."))
        }
    }

    @Test func `a form with multipart bodies is read as any other, its files included`() async throws {
        try await serve { module async throws in
            let headers: HTTPFields = [.contentType: "multipart/form-data; boundary=b"]
            func body(_ parts: (head: String, content: String)...) -> String {
                parts.map { "--b\r\nContent-Disposition: form-data; \($0.head)\r\n\r\n\($0.content)\r\n" }.joined()
                    + "--b--\r\n"
            }
            let text = body(("name=\"title\"", "a"), ("name=\"tags\"", "x"), ("name=\"stars\"", "2"))
            for path in ["/both", "/decode"] {
                #expect(try await post(module, path, text, headers).text == #"a ["x"] 2"#)
            }
            let wrong = try await post(module, "/form", body(("name=\"title\"", "<b> is too long")), headers)
            #expect(wrong.status == .unprocessableContent && wrong.text.contains("&lt;b&gt; is too long"))
            let file = body(("name=\"title\"", "a"), ("name=\"file\"; filename=\"a.txt\"", "four"))
            #expect(try await post(module, "/file", file, headers).text == "a, a.txt, 4 bytes")
            let missing = try await post(module, "/file", "", Self.form)
            #expect(missing.status == .unprocessableContent)
            #expect(missing.text.contains(#""file":["This field is required."]"#) && missing.text.contains("title"))
            let cut = try await post(module, "/form", "--b\r\n", headers)
            #expect(cut.status == .badRequest)
        }
    }

    @Test func `a body of another type is refused, and the types that are taken are named`() async throws {
        try await serve { module async throws in
            let accept = try #require(HTTPField.Name("Accept-Post"))
            for type in ["application/json", "text/plain", "", "application/x-www-form-urlencodedx", "multipart/x"] {
                let fields: HTTPFields = type.isEmpty ? [:] : [.contentType: type]
                let refused = try await module.send(
                    .init(method: .post, target: "/form", headers: fields, body: Array("title=a".utf8)))
                #expect(refused.status == .unsupportedMediaType, "\(type)")
                #expect(refused.headers[accept]?.contains("application/x-www-form-urlencoded") == true)
            }
            // A form that another site's page can send is never read as JSON.
            let plain = try await module.send(
                .init(
                    method: .post, target: "/decode", headers: [.contentType: "text/plain"],
                    body: Array(#"{"title":"a","tags":[]}"#.utf8)))
            #expect(plain.status == .unsupportedMediaType)
            #expect(plain.headers[accept]?.hasPrefix("application/json") == true)
            for type in ["Application/X-WWW-Form-Urlencoded ; charset=UTF-8"] {
                #expect(try await post(module, "/form", "title=a", [.contentType: type]).status == .ok)
            }
        }
    }

    @Test func `a handler can take forms and JSON by the same rules`() async throws {
        try await serve { module async throws in
            for (path, text, headers) in [
                ("/both", "title=+a&tags=x&tags=y&stars=2", Self.form),
                ("/both", #"{"title":" a","tags":["x","y"],"stars":2}"#, Self.json),
                ("/decode", "title=a&tags=x&tags=y&stars=2", Self.form),
                ("/decode", #"{"title":"a","tags":["x","y"],"stars":2}"#, Self.json),
            ] {
                let answer = try await post(module, path, text, headers)
                #expect(answer.text == #"a ["x", "y"] 2"#, "\(path) \(text)")
            }
            let wrong = try await post(module, "/both", #"{"tags":[],"stars":"x"}"#, Self.json)
            #expect(wrong.status == .unprocessableContent)
            #expect(wrong.headers[.contentType] == "application/problem+json")
            #expect(wrong.text.contains(#""title":["This field is required."]"#))
            #expect(wrong.text.contains(#""stars":["Enter a whole number."]"#))
            let form = try await post(module, "/decode", "stars=x")
            #expect(form.status == .unprocessableContent && form.text.contains("Enter a whole number."))
            for text in ["", "[]", "1", "{", #"{"title":"\u0000"}"#, "{\"title\":\"\u{0}\"}"] {
                #expect(try await post(module, "/both", text, Self.json).status == .badRequest, "\(text)")
            }
            let deep = String(repeating: #"{"a":"#, count: 100_000)
            #expect(try await post(module, "/both", deep, Self.json).status == .badRequest)
        }
    }

    @Test func `row N3: a long body of JSON is not decoded on the event loop`() async throws {
        try await serve { module async throws in
            for (length, place) in [(10, "a loop"), (20_000, "no loop")] {
                let text = #"{"text":"\#(String(repeating: "a", count: length))"}"#
                #expect(try await post(module, "/place", text, Self.json).text == place)
                #expect(try await post(module, "/place", "[" + text, Self.json).status == .badRequest)
            }
        }
    }

    @Test func `what cannot be read is a 400, what is too much a 413`() async throws {
        // The statuses of rows N1 and N2, through the whole server.
        try await serve { module async throws in
            for (text, status) in [
                ("title=%FF", HTTPResponse.Status.badRequest), ("title=%00", .badRequest),
                (String(repeating: "a&", count: 2_000), .contentTooLarge),
                ("title=" + String(repeating: "a", count: 1 << 20), .contentTooLarge),
                (String(repeating: "a", count: 2_000) + "=1", .contentTooLarge),
            ] {
                let answer = try await post(module, "/form", text)
                #expect(answer.status == status, "\(text.prefix(20))")
            }
        }
    }

    @Test func `a search form is read from the query`() async throws {
        try await serve { module async throws in
            #expect(try await module.get("/search?title=a%26b+c&x=%zz").text == "a&amp;b c")
            #expect(try await module.get("/search").text == "nothing")
            #expect(try await module.get("/search?title=%FF").status == .badRequest)
        }
    }

    @Test func `a body is read to its limit and no further, however it is cut`() async throws {
        // Reading stops at the piece that is too much (N1).
        let text = Array("a=%41%C3%A9&b=+x&a=&c%5B0%5D=%zz".utf8)
        let expected = try FormFields(urlEncoded: String(decoding: text, as: UTF8.self)).fields
        for size in 1...text.count {
            let pieces = stride(from: 0, to: text.count, by: size).map {
                ByteBuffer(bytes: text[$0..<min($0 + size, text.count)])
            }
            let request = Self.request(CountedBody(pieces: pieces))
            #expect(try await request.fields().fields == expected)
        }
        let endless = CountedBody(pieces: Array(repeating: ByteBuffer(repeating: 0x61, count: 100), count: 1_000))
        await #expect(throws: FormError(.tooLarge(limit: 1_000))) {
            try await Self.request(endless).fields(limits: FormLimits(bytes: 1_000))
        }
        #expect(endless.taken.withLock { $0 } == 11)
        let announced = CountedBody(pieces: [ByteBuffer(string: "a=1")])
        await #expect(throws: FormError(.tooLarge(limit: 10))) {
            try await Self.request(announced, length: 11).fields(limits: FormLimits(bytes: 10))
        }
        #expect(announced.taken.withLock { $0 } == 0)
    }

    private static func request(_ body: CountedBody, length: Int? = nil) -> Request {
        var fields = form
        fields[.contentLength] = length.map { "\($0)" }
        return Request(
            head: HTTPRequest(method: .post, scheme: "http", authority: "localhost", path: "/", headerFields: fields),
            body: RequestBody(asyncSequence: body))
    }
}

/// A body in pieces that counts how many are taken.
private final class CountedBody: AsyncSequence, Sendable {
    let pieces: [ByteBuffer]
    let taken = Mutex(0)

    init(pieces: [ByteBuffer]) { self.pieces = pieces }

    func makeAsyncIterator() -> Iterator { Iterator(body: self) }

    struct Iterator: AsyncIteratorProtocol {
        let body: CountedBody

        mutating func next() async -> ByteBuffer? {
            body.taken.withLock { taken in
                guard taken < body.pieces.count else { return nil }
                defer { taken += 1 }
                return body.pieces[taken]
            }
        }
    }
}
