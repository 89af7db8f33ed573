import DatabaseTestSupport
import FoundationEssentials
import Gatehouse
import GatehouseDatabase
import GatehouseTesting
import Testing

@testable import Guestbook

struct GuestbookTests {
    @Test(arguments: Kind.allCases)
    func `an entry with a picture is written, shown as text, found, and deleted by its writer alone`(
        _ kind: Kind
    ) async throws {
        try await kind.test { guestbook async throws in
            let ada = try await Visitor.signedUp("Ada", guestbook), bob = try await Visitor.signedUp("Bob", guestbook)
            #expect(try await ada.write("1 < 2 & more", picture: Visitor.png).status == .seeOther)
            #expect(try await ada.get("/").text.contains("The picture is on its way."))
            #expect(try await guestbook.runJobs() == 1)
            let page = try await ada.get("/?q=MORE").text
            #expect(page.contains("1 &lt; 2 &amp; more") && page.contains("<h2>Ada</h2>"))
            let picture = try await ada.get(try #require(page.firstMatch(of: #/(/pictures/[0-9A-Fa-f-]+)"/#)).1)
            #expect(picture.headers[.contentType] == "image/jpeg")
            #expect(picture.body.starts(with: [0xFF, 0xD8, 0xFF]))
            #expect(try await bob.get("/?q=nothing").text.contains("Nothing has these words."))

            let delete = try #require(page.firstMatch(of: #/action="(/entries/[0-9A-Fa-f-]+/delete)"/#)).1
            #expect(try await !bob.get("/").text.contains(delete))
            #expect(try await bob.post(delete).status == .notFound)
            #expect(try await ada.post(delete).status == .seeOther)
            #expect(try await ada.get("/").text.contains("The entry is deleted."))
            #expect(try await guestbook.database.one("SELECT count(*) FROM entry", Int.self) == 0)
        }
    }

    @Test(arguments: Kind.allCases)
    func `a list has pages, the newest first`(_ kind: Kind) async throws {
        try await kind.test { guestbook async throws in
            let ada = try await Visitor.signedUp("Ada", guestbook)
            for number in 1...12 { #expect(try await ada.write("Entry \(number).").status == .seeOther) }
            let first = try await ada.get("/").text, second = try await ada.get("/?page=2").text
            #expect(first.contains("Entry 12.") && first.contains("Entry 3.") && !first.contains("Entry 2."))
            #expect(second.contains("Entry 2.") && second.contains("Entry 1."))
            #expect(first.contains("rel=\"next\"") && !second.contains("rel=\"next\""))
        }
    }

    @Test func `a form with a fault comes back with what was typed, and all that is wrong`() async throws {
        try await Kind.sqlite.test { guestbook async throws in
            let ada = try await Visitor.signedUp("Ada", guestbook)
            let refused = try await ada.write("  ", name: "<Ada>", picture: Array("no picture".utf8))
            #expect(refused.status == .unprocessableContent)
            #expect(refused.text.contains("value=\"&lt;Ada&gt;\"") && refused.text.contains("Choose a JPEG or a PNG"))
            #expect(refused.text.split(separator: "aria-invalid=\"true\"").count == 3)
            #expect(
                try await ada.write("text", picture: [UInt8](repeating: 1, count: 9 << 20)).status == .contentTooLarge)
            #expect(try await guestbook.database.one("SELECT count(*) FROM entry", Int.self) == 0)
        }
    }

    @Test func `a file that only begins like a picture is said to be none`() async throws {
        try await Kind.sqlite.test { guestbook async throws in
            let ada = try await Visitor.signedUp("Ada", guestbook)
            #expect(
                try await ada.write("text", picture: [0xFF, 0xD8, 0xFF] + Array("and so on".utf8)).status == .seeOther)
            try await guestbook.runJobs()
            #expect(try await ada.get("/").text.contains("which could not be read"))
        }
    }

    @Test func `an account is for one address, and a password must fit`() async throws {
        try await Kind.sqlite.test { guestbook async throws in
            let ada = try await Visitor.signedUp("Ada", guestbook)
            #expect(
                try await Visitor(guestbook).get("/entries/new").headers[.location] == "/sign-in?return=/entries/new")
            #expect(try await ada.post("/sign-out").status == .seeOther)
            #expect(try await ada.get("/entries/new").status == .seeOther)
            let again = try await Visitor(guestbook).post(
                "/sign-up", "name=A&email=ADA%40example.org&password=another+long+one")
            #expect(again.status == .unprocessableContent && again.text.contains("There is an account"))
            let wrong = try await ada.post("/sign-in", "email=ada%40example.org&password=wrong")
            #expect(wrong.status == .unprocessableContent && wrong.text.contains("do not fit together"))
            #expect(!wrong.text.contains("value=\"wrong\""))
            for (next, place) in [
                ("/entries/new", "/entries/new"), ("//evil.example", "/"), ("https://evil.example", "/"),
            ] {
                let right = try await ada.post(
                    "/sign-in", "email=ada%40example.org&password=\(Visitor.password)&next=\(next)")
                #expect(right.status == .seeOther && right.headers[.location] == place)
            }
        }
    }

    @Test func `an address has as many attempts as another, in whatever case, whether it has an account or not`()
        async throws
    {
        try await Kind.sqlite.test { guestbook async throws in
            _ = try await Visitor.signedUp("Ada", guestbook)
            let stranger = Visitor(guestbook)
            for name in ["ada", "bob"] {
                for attempt in 1...11 {
                    let spelling = attempt.isMultiple(of: 2) ? name.uppercased() : name
                    let answer = try await stranger.post("/sign-in", "email=\(spelling)%40example.org&password=wrong")
                    #expect(answer.status == (attempt <= 10 ? .unprocessableContent : .tooManyRequests), "\(spelling)")
                }
            }
        }
    }

    @Test func `a search is no longer than its field`() async throws {
        try await Kind.sqlite.test { guestbook async throws in
            let page = try await Visitor(guestbook).get("/?q=" + String(repeating: "a", count: 3_000)).text
            #expect(page.contains("value=\"\(String(repeating: "a", count: 100))\""))
        }
    }

    @Test func `an entry that is deleted before its jobs are done leaves nothing, and they do not fail`() async throws {
        try await Self.inFolder { folder, settings async throws in
            try await Kind.sqlite.test(settings: settings) { guestbook async throws in
                let ada = try await Visitor.signedUp("Ada", guestbook)
                #expect(try await ada.write("Good evening", picture: Visitor.png).status == .seeOther)
                let page = try await ada.get("/").text
                let delete = try #require(page.firstMatch(of: #/action="(/entries/[0-9A-Fa-f-]+/delete)"/#)).1
                #expect(try await ada.post(delete).status == .seeOther)
                #expect(try await guestbook.runJobs() == 2)
                #expect(try await guestbook.database.one("SELECT count(*) FROM gatehouse_job", Int.self) == 0)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
            }
        }
    }

    @Test func `a picture whose entry cannot be written goes`() async throws {
        try await Self.inFolder { folder, settings async throws in
            try await Kind.sqlite.test(settings: settings) { guestbook async throws in
                let ada = try await Visitor.signedUp("Ada", guestbook)
                try await guestbook.database.execute("DROP TABLE gatehouse_job")
                #expect(try await ada.write("Good evening", picture: Visitor.png).status.code >= 500)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
            }
        }
    }

    @Test func `a picture whose file is lost is said to be none`() async throws {
        try await Self.inFolder { folder, settings async throws in
            try await Kind.sqlite.test(settings: settings) { guestbook async throws in
                let ada = try await Visitor.signedUp("Ada", guestbook)
                #expect(try await ada.write("Good evening", picture: Visitor.png).status == .seeOther)
                for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
                    try FileManager.default.removeItem(atPath: "\(folder)/\(file)")
                }
                try await guestbook.runJobs()
                #expect(try await ada.get("/").text.contains("which could not be read"))
            }
        }
    }

    /// A folder for pictures, and the settings that name it and an owner.
    private static func inFolder(_ body: (_ folder: String, _ settings: String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/guestbook-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(
            folder, #"{"database": {"url": "sqlite:"}, "pictures": "\#(folder)", "owner": "owner@example.org"}"#)
    }

    @Test func `another site's form is refused, and a page that is not there has the site's head`() async throws {
        try await Kind.sqlite.test { guestbook async throws in
            let ada = try await Visitor.signedUp("Ada", guestbook)
            let refused = try await ada.post("/sign-out", headers: [.origin: "https://evil.example"])
            #expect(refused.status == .forbidden && refused.text.contains("another site"))
            let missing = try await ada.get("/nowhere")
            #expect(missing.status == .notFound && missing.text.contains(">Guestbook</a>"))
        }
    }

    @Test func `the owner gets a letter`() async throws {
        try await Kind.sqlite.test(settings: #"{"database": {"url": "sqlite:"}, "owner": "owner@example.org"}"#) {
            guestbook async throws in
            let ada = try await Visitor.signedUp("Ada", guestbook)
            #expect(try await ada.write("Good evening").status == .seeOther)
            #expect(try await guestbook.runJobs() == 1)
        }
    }

    @Test func `a text for LIKE has no wildcards of the reader`() {
        #expect(EntryStore.pattern("100%_!") == "%100!%!_!!%")
    }
}
