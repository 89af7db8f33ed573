import Gatehouse
import GatehouseDatabase
import GatehouseTesting
import GatehouseWeb
import HTTPTypes
import Hummingbird
import ServiceLifecycle
import Testing

/// A club whose members sign in by their name alone; its sessions are in the database.
struct Club: HandlerModule {
    struct Settings: Decodable { var database: DatabaseSettings }

    let database: Database
    let stack: WebStack<WebContext>

    init(context: ModuleContext) async throws {
        database = try Database(context.settings(Settings.self).database, context: context)
        try await database.migrate(.sessions)
        stack = try WebStack(context: context, sessionsIn: database)
    }

    var services: [any Service] { [database] }

    func routes(_ router: Router<WebContext>) {
        stack.add(to: router)
        router.get("/") { _, context in context.session.owner ?? "nobody" }
        router.get("/plain") { _, _ in "plain" }
        router.post("/sign-in/:name") { _, context in
            context.session.renew()
            context.session.owner = try context.parameters.require("name")
            context.flash("Hello")
            return "welcome"
        }
        router.post("/sign-out") { _, context in
            context.session.destroy()
            return "bye"
        }
        router.post("/sign-out-elsewhere") { [database] _, context in
            let sessions = DatabaseSessions(database)
            return try await "\(sessions.revoke(allOf: context.session.owner ?? "", except: context.session))"
        }
        router.post("/vanish") { [database] _, context in
            // As if another worker ended the session while this request is under way.
            let owner = context.session.owner ?? ""
            try await DatabaseSessions(database).revoke(allOf: owner)
            context.session["late"] = 1
            return "late"
        }
        router.get("/large") { _, context in
            context.session["large"] = String(repeating: "x", count: 100_000)
            return "kept"
        }
    }
}

struct SessionsInDatabaseTests {
    private func run(
        _ kind: SessionDatabase, _ body: @escaping @Sendable (ModuleTester) async throws -> Void
    ) async throws {
        try await kind.withURL { url in
            try await ModuleTester.run(Club.self, settings: #"{"database": {"url": "\#(url)"}}"#, body)
        }
    }

    private func cookie(_ response: ModuleTester.Response) throws -> HTTPFields {
        [.cookie: String(try #require(response.headers[.setCookie]).prefix { $0 != ";" })]
    }

    /// Neither the token of before the sign-in (row I4) nor that of before the sign-out (row I3) is a session.
    @Test(arguments: SessionDatabase.allCases)
    func `a copy of the cookie is worth nothing after the sign-out`(_ kind: SessionDatabase) async throws {
        try await run(kind) { club async throws in
            let visitor = try cookie(await club.get("/large"))
            let signedIn = try await club.post("/sign-in/ann", text: "", headers: visitor)
            let ann = try cookie(signedIn)
            #expect(visitor != ann)
            #expect(try await club.get("/", headers: visitor).text == "nobody")
            #expect(try await club.get("/", headers: ann).text == "ann")
            let out = try await club.post("/sign-out", text: "", headers: ann)
            #expect(out.headers[.setCookie]?.contains("Max-Age=0") == true)
            #expect(try await club.get("/", headers: ann).text == "nobody")
        }
    }

    @Test(arguments: SessionDatabase.allCases)
    func `whoever signs out elsewhere stays signed in here`(_ kind: SessionDatabase) async throws {
        try await run(kind) { club async throws in
            let here = try cookie(await club.post("/sign-in/ann", text: ""))
            let there = try cookie(await club.post("/sign-in/ann", text: ""))
            let bob = try cookie(await club.post("/sign-in/bob", text: ""))
            #expect(try await club.post("/sign-out-elsewhere", text: "", headers: here).text == "1")
            #expect(try await club.get("/", headers: here).text == "ann")
            #expect(try await club.get("/", headers: there).text == "nobody")
            #expect(try await club.get("/", headers: bob).text == "bob")
        }
    }

    /// A request under way brings no session back (row I3), and its response removes no cookie: the browser may have a
    /// new one by now.
    @Test(arguments: SessionDatabase.allCases)
    func `a session that was ended meanwhile stays ended, and its browser's cookie alone`(
        _ kind: SessionDatabase
    ) async throws {
        try await run(kind) { club async throws in
            let ann = try cookie(await club.post("/sign-in/ann", text: ""))
            let late = try await club.post("/vanish", text: "", headers: ann)
            #expect(late.text == "late" && late.headers[.setCookie] == nil)
            #expect(try await club.get("/", headers: ann).text == "nobody")
        }
    }

    @Test func `a page that does not use the session says nothing of it`() async throws {
        try await run(.sqlite) { club async throws in
            let ann = try cookie(await club.post("/sign-in/ann", text: ""))
            let plain = try await club.get("/plain", headers: ann)
            #expect(plain.headers[.setCookie] == nil && plain.headers[.vary] == nil)
            #expect(try await club.get("/", headers: ann).headers[.vary] == "Cookie")
        }
    }
}
