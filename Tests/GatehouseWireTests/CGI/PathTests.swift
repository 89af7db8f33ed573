import GatehouseWire
import TestSupport
import Testing

/// Row C3: the table of path outcomes.
struct PathTests {
    static let table: [PathOutcome] = [
        PathOutcome("/", "/"),
        PathOutcome("/a/b?c=d&e=/../f", "/a/b?c=d&e=/../f"),
        PathOutcome("/a/?", "/a/?"),
        PathOutcome("/a?b?c", "/a?b?c"),
        PathOutcome("", "/"),
        PathOutcome("?q", "/?q"),
        PathOutcome("http://example.org/a?b", "/a?b"),
        PathOutcome("HTTPS://user@example.org:8443//a", "//a"),
        PathOutcome("http://example.org", "/"),
        PathOutcome("http://example.org?q", "/?q"),
        PathOutcome("/http://example.org/", "/http://example.org/"),
        PathOutcome("//example.org/a", "//example.org/a"),
        PathOutcome(["REQUEST_METHOD": "OPTIONS", "REQUEST_URI": "*"], "*"),
        PathOutcome("*", status: 400),
        PathOutcome("example.org:443", status: 400),
        PathOutcome("a/b", status: 400),
        PathOutcome("/a//b///", "/a//b///"),
        PathOutcome("/a%2fb%2F", "/a%2fb%2F"),
        PathOutcome("/a%zz%", "/a%zz%"),
        PathOutcome("/a%0a%0D%7f", "/a%0a%0D%7f"),
        PathOutcome("/a%00b", status: 400),
        PathOutcome("/a?b=%00", "/a?b=%00"),
        PathOutcome("/a\u{0}b", status: 400),
        PathOutcome("/a\nb", status: 400),
        PathOutcome("/a?b\rc", status: 400),
        PathOutcome("/a\u{7f}", status: 400),
        PathOutcome("/a#b", status: 400),
        PathOutcome("/a b?c d", "/a%20b?c%20d"),
        PathOutcome("/caf\u{e9}?\u{e9}", "/caf%C3%A9?%C3%A9"),
        PathOutcome("/\u{212a}elvin", "/%E2%84%AAelvin"),
        PathOutcome("/a\\b", "/a\\b"),
        PathOutcome("/a\\..\\b", "/a\\..\\b"),
        PathOutcome("/..", status: 400),
        PathOutcome("/a/../b", status: 400),
        PathOutcome("/a/./b", status: 400),
        PathOutcome("/a/.", status: 400),
        PathOutcome("/%2e%2e/a", status: 400),
        PathOutcome("/a/%2E.?b", status: 400),
        PathOutcome("/a/.%2e/", status: 400),
        PathOutcome("/a/%2e", status: 400),
        PathOutcome("/a/.../b..c/.d/e.", "/a/.../b..c/.d/e."),
        PathOutcome("/a/..;/b", "/a/..;/b"),
        PathOutcome("/a/%252e%252e/b", "/a/%252e%252e/b"),
        PathOutcome("/" + String(repeating: "a", count: 32_767), "/" + String(repeating: "a", count: 32_767)),
        PathOutcome("/" + String(repeating: "a", count: 32_768), status: 414),
        PathOutcome(["REQUEST_URI": "/a", "SCRIPT_NAME": "/b", "PATH_INFO": "/c", "QUERY_STRING": "d"], "/a"),
        PathOutcome(["SCRIPT_NAME": "/app", "PATH_INFO": "/x", "QUERY_STRING": "q=1"], "/app/x?q=1"),
        PathOutcome(["SCRIPT_NAME": "", "PATH_INFO": "/x"], "/x"),
        PathOutcome(["SCRIPT_NAME": "/app"], "/app"),
        PathOutcome(["SCRIPT_NAME": "/longer/than/the/path", "PATH_INFO": ""], "/longer/than/the/path"),
        PathOutcome(["SCRIPT_NAME": "", "PATH_INFO": ""], "/"),
        PathOutcome(["REQUEST_URI": "", "PATH_INFO": "/x"], "/x"),
        PathOutcome(["PATH_INFO": "/100% a?b#c\nd"], "/100%25%20a%3Fb%23c%0Ad"),
        PathOutcome(["PATH_INFO": "/a/../b"], status: 400),
        PathOutcome(["PATH_INFO": "/a%2e%2e/%2e%2e"], "/a%252e%252e/%252e%252e"),
        PathOutcome(["PATH_INFO": "/a\u{0}"], status: 400),
        PathOutcome(["PATH_INFO": "a"], status: 400),
        PathOutcome(["PATH_INFO": "/a", "QUERY_STRING": "b c\u{e9}%00#"], "/a?b%20c%C3%A9%00%23"),
        PathOutcome(["PATH_INFO": "/a", "QUERY_STRING": "b\n"], status: 400),
        PathOutcome(["SERVER_SOFTWARE": "Microsoft-IIS/10.0", "SCRIPT_NAME": "/a", "PATH_INFO": "/a/b"], "/a/b"),
        PathOutcome(["SCRIPT_NAME": "/a", "PATH_INFO": "/a/b"], "/a/a/b"),
        PathOutcome(["DOCUMENT_URI": "/doc", "QUERY_STRING": "q"], "/doc?q"),
        PathOutcome(["SCRIPT_FILENAME": "proxy:fcgi://127.0.0.1:9000/a%20b"], "/a%20b"),
        PathOutcome(["SCRIPT_FILENAME": "proxy:balancer://cluster/a"], "/a"),
        PathOutcome(["SCRIPT_FILENAME": "proxy:fcgi://127.0.0.1:9000"], status: 400),
        PathOutcome(["SCRIPT_FILENAME": "/usr/share/nginx/html/a"], status: 400),
        PathOutcome([:], status: 400),
    ]

    @Test(arguments: table)
    func `a path has the outcome that the table says`(_ row: PathOutcome) throws {
        let method = row.variables.contains { $0.0 == "REQUEST_METHOD" } ? [] : [("REQUEST_METHOD", "GET")]
        let parameters = GatewayVariables((method + row.variables).map { (name: $0.0, value: $0.1) })
        switch row.outcome {
        case .target(let target): #expect(try CGIRequest(parameters).target == target)
        case .status(let status):
            let error = #expect(throws: BadRequest.self) { try CGIRequest(parameters) }
            #expect(error?.httpStatus == status)
        }
    }

    @Test func `the table is the one in SUPPORTED.md`() throws {
        let documented = try Document("SUPPORTED.md").table(headed: "| variables | path and query, or status |")
        #expect(documented.map(Self.row) == Self.table.map(\.row).map(Self.shortened))
    }

    /// The cells as a row of the document; a row without variables has one cell.
    private static func row(_ cells: [String]) -> String {
        "| \(cells.count > 1 ? cells[0] : "") | \(cells.last ?? "") |"
    }

    /// The long row's outcome is as long as its variable.
    private static func shortened(_ row: String) -> String {
        row.count > 8_000 ? "| `REQUEST_URI=/aaa… (32768 bytes)` | as it came |" : row
    }
}

/// One row of SUPPORTED.md's table of path outcomes.
struct PathOutcome: Sendable, CustomTestStringConvertible {
    var variables: [(String, String)]
    /// The target that the handler sees, or the status of the answer without it.
    var outcome: Outcome

    enum Outcome: Sendable, Equatable {
        case target(String)
        case status(Int)
    }

    init(_ variables: KeyValuePairs<String, String>, _ target: String) {
        self.variables = variables.map { ($0.key, $0.value) }
        outcome = .target(target)
    }

    init(_ variables: KeyValuePairs<String, String>, status: Int) {
        self.variables = variables.map { ($0.key, $0.value) }
        outcome = .status(status)
    }

    init(_ uri: String, _ target: String) { self.init(["REQUEST_URI": uri], target) }
    init(_ uri: String, status: Int) { self.init(["REQUEST_URI": uri], status: status) }

    var testDescription: String { row }

    /// The row as it stands in SUPPORTED.md.
    var row: String {
        let left = variables.map { "`\($0.0)=\(Self.visible($0.1))`" }.joined(separator: " ")
        let right =
            switch outcome {
            case .target(let target): "`\(target)`"
            case .status(let status): "\(status)"
            }
        return "| \(left) | \(right) |"
    }

    /// The value with unprintable bytes as `\xNN`; a long one as its length.
    private static func visible(_ value: String) -> String {
        if value.utf8.count > 200 { return "/aaa… (\(value.utf8.count) bytes)" }
        let text = value.utf8.map { byte in
            let hex = "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            return (0x20..<0x7f).contains(byte) ? String(UnicodeScalar(byte)) : hex
        }
        return text.joined().replacing("|", with: "\\|")
    }
}
