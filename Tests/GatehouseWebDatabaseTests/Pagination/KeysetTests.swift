import DatabaseTestSupport
import Gatehouse
import GatehouseDatabase
import GatehouseTesting
import GatehouseWeb
import Testing

/// Lists over each kind of database.
struct KeysetTests {
    struct Entry: Decodable, Sendable, Equatable {
        var id: Int
        var word: String
    }

    struct Lists: HandlerModule {
        let database: Database
        struct Settings: Decodable { var database: DatabaseSettings }

        init(context: ModuleContext) async throws {
            database = try Database(context.settings(Settings.self).database, context: context)
            try await database.migrate([
                Migration("001_entry") {
                    try await $0.execute(
                        "CREATE TABLE entry (id INTEGER NOT NULL PRIMARY KEY, word VARCHAR(20) NOT NULL)")
                }
            ])
            for id in 1...25 {
                try await database.execute("INSERT INTO entry (id, word) VALUES (\(id), \("w\(id % 3)"))")
            }
        }

        var services: [any Service] { [database] }

        func routes(_ router: Router<WebContext>) {
            let order = Keyset<Entry>(.descending("word", \.word), .ascending("id", \.id))
            router.get("/keyset") { [database] request, _ in
                try await Self.text(
                    database.page(
                        "SELECT id, word FROM entry WHERE id > \(0)", by: order, KeysetRequest(request, size: 4)))
            }
            router.get("/numbers") { [database] request, _ in
                try await Self.text(
                    database.page(
                        "SELECT id, word FROM entry ORDER BY id", as: Entry.self, PageRequest(request, size: 10)))
            }
        }

        private static func text(_ page: Page<Entry>) -> String {
            "\(page.items.map { "\($0.id)" }.joined(separator: ","));\(page.next ?? "-");\(page.previous ?? "-")"
        }
    }

    private struct Listed {
        let ids: [Int]
        let next: String?
        let previous: String?

        init(_ text: String) {
            let parts = text.split(separator: ";", omittingEmptySubsequences: false)
            ids = parts[0].split(separator: ",").compactMap { Int($0) }
            next = parts.count > 1 && parts[1] != "-" ? String(parts[1]) : nil
            previous = parts.count > 2 && parts[2] != "-" ? String(parts[2]) : nil
        }
    }

    enum Kind: CaseIterable {
        case sqlite, postgres, mysql

        func test(_ body: @Sendable @escaping (ModuleTester) async throws -> Void) async throws {
            switch self {
            case .sqlite: try await ModuleTester.run(Lists.self, database: .sqlite, body)
            case .postgres:
                let server = try await PostgresServer.shared
                try await server.withDatabase {
                    try await ModuleTester.run(Lists.self, database: .postgres(url: server.url($0)), body)
                }
            case .mysql:
                let server = try await MariaDBServer.shared
                try await server.withDatabase {
                    try await ModuleTester.run(Lists.self, database: .mysql(url: server.url($0)), body)
                }
            }
        }
    }

    private static let expected = [
        2, 5, 8, 11, 14, 17, 20, 23, 1, 4, 7, 10, 13, 16, 19, 22, 25, 3, 6, 9, 12, 15, 18, 21, 24,
    ]

    @Test(arguments: Kind.allCases)
    func `pages forth and back have every row once, in order`(_ kind: Kind) async throws {
        try await kind.test { tester async throws in
            var pages: [[Int]] = []
            var page = Listed(try await tester.get("/keyset").text)
            #expect(page.previous == nil)
            while true {
                pages.append(page.ids)
                guard let next = page.next else { break }
                page = Listed(try await tester.get("/keyset" + next).text)
            }
            #expect(pages.flatMap { $0 } == Self.expected)
            for earlier in pages.dropLast().reversed() {
                let previous = try #require(page.previous)
                page = Listed(try await tester.get("/keyset" + previous).text)
                #expect(page.ids == earlier)
            }
            #expect(page.previous == nil)
        }
    }

    /// Row L4 of hostile input: only values of the columns' types are bound.
    @Test(arguments: Kind.allCases)
    func `a forged position is a 400 at worst`(_ kind: Kind) async throws {
        try await kind.test { tester async throws in
            for position in ["x", "", "MTpi", "Mjp3MTI6eHg"] {
                #expect(try await tester.get("/keyset?after=\(position)").status == .badRequest)
            }
            // Values of the right types, which the list does not have: a text with a quote, and a number above 32 bits.
            for texts in [["' OR 1=1 --", "1"], ["w1", "9223372036854775807"]] {
                let position = Base64URL.encode(Array(texts.map { "\($0.utf8.count):\($0)" }.joined().utf8))
                let status = try await tester.get("/keyset?after=\(position)").status
                #expect([.ok, .badRequest].contains(status))
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func `pages by number have a next one as long as there are rows`(_ kind: Kind) async throws {
        try await kind.test { tester async throws in
            let last = Listed(try await tester.get("/numbers?page=3").text)
            #expect(last.ids == Array(21...25) && last.next == nil && last.previous == "?page=2")
            #expect(Listed(try await tester.get("/numbers").text).next == "?page=2")
        }
    }
}
