import FoundationEssentials
import Gatehouse
import GatehouseDatabase
import GatehouseTesting
@testable import GatehouseWeb
import Testing

struct PageTests {
    private func request(_ target: String) -> Request {
        Request(
            head: HTTPRequest(method: .get, scheme: "http", authority: "x", path: target),
            body: RequestBody(buffer: ByteBuffer()))
    }

    @Test(arguments: [
        ("/", 1), ("/?page=3", 3), ("/?page=0", 1), ("/?page=-5", 1), ("/?page=x", 1), ("/?page=", 1),
        ("/?page=99999999999999999999", 1), ("/?page=9223372036854775807", 500),
    ])
    func `the number is kept within its bounds`(_ target: String, _ number: Int) {
        #expect(PageRequest(request(target)).number == number)
    }

    @Test func `links keep the rest of the query`() {
        let page = PageRequest(request("/list?q=a%26b&page=2&tag=x&tag=y"), size: 2).page(of: [1, 2, 3])
        #expect(page.items == [1, 2] && page.number == 2)
        #expect(page.next == "?q=a%26b&tag=x&tag=y&page=3" && page.previous == "?q=a%26b&tag=x&tag=y&page=1")
        #expect(page.linkHeader?.hasSuffix("page=3>; rel=\"next\"") == true)
        #expect(PageRequest(request("/"), size: 2).page(of: [1, 2]).next == nil)
        #expect(PageRequest(request("/?page=500"), size: 2).page(of: [1, 2, 3]).next == nil)
    }

    private struct Numbers: HandlerModule {
        init(context: ModuleContext) {}

        func routes(_ router: Router<WebContext>) {
            router.get("/") { request, _ in PageRequest(request, size: 2).page(of: [1, 2, 3]) }
        }
    }

    @Test func `a handler that returns a page answers with JSON`() async throws {
        try await ModuleTester.run(Numbers.self) { numbers async throws in
            let answer = try await numbers.get("/?page=2")
            #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
            struct Answer: Decodable, Equatable { var items: [Int], number: Int, next: String?, previous: String? }
            let expected = Answer(items: [1, 2], number: 2, next: "?page=3", previous: "?page=1")
            #expect(try JSONDecoder().decode(Answer.self, from: Data(answer.body)) == expected)
        }
    }

    @Test func `nothing in a query ends an attribute or a header's link`() throws {
        let page = PageRequest(request("/?q=\"><script>&page=1&%70age=9&'"), size: 1).page(of: [1, 2])
        let link = try #require(page.next)
        #expect(!link.contains { "\"<>'".contains($0) } && link.hasSuffix("&page=2") && !link.contains("%70age"))
    }

    @Test(arguments: ["", "x", "AAAA", "MTpi", "OTk6YQ", "LTE6YQ", String(repeating: "A", count: 4_000)])
    func `a position that nobody has made is none`(_ text: String) {
        let keyset = Keyset<Int>(.ascending("a") { $0 }, .ascending("b") { $0 })
        #expect(keyset.position(text) == nil)
    }

    @Test func `a position comes back with its values`() throws {
        let keyset = Keyset<(String, Int)>(.ascending("a") { $0.0 }, .descending("b") { $0.1 })
        let position = try #require(keyset.position(keyset.position(of: ("12:ä\n", -7))))
        #expect(position.values == [.text("12:ä\n"), .integer(-7)])
    }
}
