import DatabaseTestSupport
import Gatehouse
import GatehouseDatabase
import GatehouseTesting
@testable import Notes
import Testing

/// The databases that the sample runs over; each test leaves a server's as it was.
enum Kind: CaseIterable {
    case sqlite, postgres, mysql

    func test(fixtures: [String] = [], _ body: @Sendable @escaping (ModuleTester) async throws -> Void) async throws {
        let sample = String(#filePath.dropLast("/Tests/NotesTests.swift".count))
        func run(_ database: ModuleTester.TestDatabase) async throws {
            try await ModuleTester.run(
                Notes.self, database: database, fixtures: fixtures.map { "\(sample)/Tests/\($0)" },
                mountPath: "/notes", resourceFolder: sample + "/Resources", body)
        }
        switch self {
        case .sqlite: try await run(.sqlite)
        case .postgres:
            let server = try await PostgresServer.shared
            try await server.withDatabase { try await run(.postgres(url: server.url($0))) }
        case .mysql:
            let server = try await MariaDBServer.shared
            try await server.withDatabase { try await run(.mysql(url: server.url($0))) }
        }
    }
}

struct NotesTests {
    @Test(arguments: Kind.allCases)
    func `a form makes a note, and its page shows it as text`(_ kind: Kind) async throws {
        try await kind.test { notes async throws in
            let made = try await notes.post("/", text: "title=%3Cb%3E&body=a%26b")
            #expect(made.status == .seeOther)
            let path = try #require(made.headers[.location])
            let page = try await notes.get(String(path.dropFirst("/notes".count)))
            #expect(page.text.contains("<h1>&lt;b&gt;</h1>") && page.text.contains("<pre>a&amp;b</pre>"))
            #expect(try await notes.database.one("SELECT count(*) FROM note", Int.self) == 1)
        }
    }

    @Test(arguments: Kind.allCases)
    func `the last change is listed first, and a search finds words`(_ kind: Kind) async throws {
        try await kind.test(fixtures: ["notes.sql"]) { notes async throws in
            let list = try await notes.get("/", headers: [.accept: "text/html"]).text
            let newer = try #require(list.firstRange(of: "Newer")), older = try #require(list.firstRange(of: "Older"))
            #expect(newer.lowerBound < older.lowerBound)
            #expect(list.contains("href=\"/notes/00000000-0000-4000-8000-000000000002\""))
            let found = try await notes.get("/?q=HOUR").text
            #expect(found.contains("Older") && !found.contains("Newer"))
        }
    }

    @Test func `a note that is not there is a 404`() async throws {
        try await Kind.sqlite.test { notes async throws in
            for path in ["/00000000-0000-4000-8000-00000000000a", "/nothing"] {
                #expect(try await notes.get(path).status == .notFound)
                #expect(try await notes.post(path + "/delete", text: "").status == .notFound)
            }
        }
    }

    @Test func `a text for LIKE has no wildcards of the client`() async throws {
        #expect(NoteStore.pattern("100%_!") == "%100!%!_!!%")
        for mark in ["\u{301}", "\u{200D}", "\u{FE0F}"] {
            for sign in ["%", "_", "!"] {
                let scalars = Array(NoteStore.pattern(sign + mark).unicodeScalars)
                #expect(scalars == Array("%!\(sign)\(mark)%".unicodeScalars))
            }
        }
        try await Kind.sqlite.test { notes async throws in
            #expect(try await notes.post("/", text: "title=caffe%CC%81").status == .seeOther)
            #expect(try await notes.get("/?q=%25%CC%81").text.contains("No note has these words."))
            #expect(try await notes.get("/?q=e%CC%81").text.contains("caffe\u{301}"))
        }
    }

    @Test func `a search is no longer than its field`() async throws {
        try await Kind.sqlite.test { notes async throws in
            let page = try await notes.get("/?q=" + String(repeating: "a", count: 3_000)).text
            #expect(page.contains("value=\"\(String(repeating: "a", count: 100))\""))
        }
    }

    @Test func `a form of another site's page is refused, with Sec-Fetch-Site and without`() async throws {
        try await Kind.sqlite.test { notes async throws in
            let site = try #require(HTTPField.Name("Sec-Fetch-Site"))
            func status(_ headers: HTTPFields) async throws -> HTTPResponse.Status {
                try await notes.post("/", text: "title=a", headers: headers).status
            }
            #expect(try await status([:]) == .seeOther)
            #expect(try await status([.origin: "http://localhost"]) == .seeOther)
            #expect(try await status([site: "same-origin", .origin: "https://localhost"]) == .seeOther)
            #expect(try await status([.origin: "http://evil.example"]) == .forbidden)
            #expect(try await status([.origin: "null"]) == .forbidden)
            #expect(try await status([site: "cross-site", .origin: "http://localhost"]) == .forbidden)
            #expect(try await status([site: "same-site"]) == .forbidden)
            #expect(try await notes.get("/", headers: [.origin: "http://evil.example"]).status == .ok)
        }
    }

    @Test func `no page of ours is shown inside another site's`() async throws {
        try await Kind.sqlite.test { notes async throws in
            let policy = try await notes.get("/").headers[.contentSecurityPolicy]
            #expect(policy?.contains("frame-ancestors 'none'") == true)
        }
    }
}
