import FoundationEssentials
import Gatehouse
import GatehouseDatabase
import GatehouseTesting
import Synchronization
import Testing

/// A database's other duties: batches, observers, errors, settings.
struct DatabaseTests {
    @Test func `a batch has each statement's result`() async throws {
        let server = FakeServer { $0.hasPrefix("SELECT") ? .rows([["1"], ["2"]]) : .changes(5) }
        let database = server.database()
        let (all, first, one, changes) = try await database.batch(
            Query.all("SELECT a", as: Int.self), Query.first("SELECT b", as: String.self),
            Query.one("SELECT c", as: Int.self),
            Query.execute("UPDATE d"))
        #expect(all == [1, 2] && first == "1" && one == 1 && changes.rows == 5)
    }

    @Test func `a row that is not there is not found`() async throws {
        let server = FakeServer { _ in .rows([]) }
        let database = server.database()
        let error = await databaseError { try await database.one("SELECT a WHERE b = \(1)", as: Int.self) }
        #expect(error?.kind == .notFound)
        #expect(error?.status.code == 404)
        #expect(try await database.first("SELECT a", as: Int.self) == nil)
        #expect(
            await databaseError { try await database.batch(Query.one("SELECT a", as: Int.self)) }?.kind == .notFound)
    }

    @Test func `observers hear of every statement`() async throws {
        let bad = DatabaseError(.usage, "syntax error", sqlState: "42601")
        let server = FakeServer { $0 == "BAD" ? .error(bad) : .changes(3) }
        let database = server.database()
        let events = Mutex<[StatementEvent]>([])
        database.observe { event in events.withLock { $0.append(event) } }
        try await database.execute("UPDATE a SET b = \(7)")
        _ = try? await database.execute("BAD")
        try await database.transaction { try await $0.execute("S1") }
        let seen = events.withLock { $0 }
        #expect(seen.map(\.statement) == ["UPDATE a SET b = ?", "BAD", "BEGIN", "S1", "COMMIT"])
        #expect(seen.map(\.isInTransaction) == [false, false, true, true, true])
        #expect(seen[0].rows == 3 && seen[0].error == nil && seen[1].error == .usage)
        #expect(seen.allSatisfy { $0.duration >= $0.wait && $0.wait >= .zero })
    }

    @Test func `notifications are PostgreSQL's`() throws {
        let error = #expect(throws: DatabaseError.self) { try FakeServer(.mySQL).database().notifications(on: "a") }
        #expect(error?.kind == .usage)
    }

    private struct Failing: HandlerModule {
        init(context: ModuleContext) {}

        func routes(_ router: Router<GatewayRequestContext>) {
            router.get("/missing") { _, _ -> String in throw DatabaseError(.notFound, "there is no such row") }
            router.get("/twice") { _, _ -> String in throw DatabaseError(.unique("a"), "secret") }
            router.get("/full") { _, _ -> String in throw DatabaseError(.exhausted, "secret") }
            router.get("/wrong") { _, _ -> String in throw DatabaseError(.usage, "secret", statement: "SELECT secret") }
        }
    }

    @Test func `an error that no handler takes becomes a status, and nothing of it is shown`() async throws {
        try await ModuleTester.run(Failing.self) { module in
            for (path, status) in [("/missing", 404), ("/twice", 409), ("/full", 503), ("/wrong", 500)] {
                let response = try await module.get(path)
                #expect(response.status.code == status)
                #expect(response.text == "")
                #expect(response.headers[.retryAfter] == (status == 503 ? "1" : nil))
            }
        }
    }

    @Test func `the settings of the configuration are read, with units`() throws {
        struct Settings: Decodable { var database: DatabaseSettings }
        let context = testContext(
            settings: """
                {"database": {"url": "postgres://a@/b", "connections": 3, "wait": "500ms", "statement-timeout": "2m",
                "lock-timeout": "off", "idle-transaction-timeout": "1h", "idle": "9s", "maximum-age": "off",
                "connect-timeout": "3s", "prepared-statements": false}}
                """)
        let settings = try context.settings(Settings.self).database
        var expected = DatabaseSettings(url: "postgres://a@/b")
        expected.connections = 3
        expected.wait = .milliseconds(500)
        expected.statementTimeout = .seconds(120)
        expected.lockTimeout = .zero
        expected.idleTransactionTimeout = .seconds(3_600)
        expected.idle = .seconds(9)
        expected.maximumAge = .zero
        expected.connectTimeout = .seconds(3)
        expected.preparedStatements = false
        #expect(settings == expected)
        #expect(try testContext(settings: #"{"database": {}}"#).settings(Settings.self).database == DatabaseSettings())
    }

    @Test(arguments: [
        (#"{"wait": 5}"#, "wait: write a time"), (#"{"wait": "5"}"#, "wait: write a time"),
        (#"{"wait": "off"}"#, "wait: write a time"), (#"{"idle": "1000000000000000000000s"}"#, "idle: write a time"),
        (#"{"connections": 0}"#, "connections: write a whole number from 1 to"),
        (#"{"connections": "many"}"#, "connections: write a whole number from 1 to"),
        (#"{"password": 1234}"#, "password: write a text"),
        (#"{"url": "postgre://hunter2@host"}"#, "url: url names no"),
        (#"{"statementTimeout": "1s"}"#, "statementTimeout: there is no such setting; there are url"),
        (#"{"url": "hunter2@host"}"#, "url: url has no scheme"),
    ])
    func `a wrong setting is named, and a password is not`(_ json: String, _ message: String) {
        struct Settings: Decodable { var database: DatabaseSettings }
        let error = #expect(throws: SettingsError.self) {
            try testContext(settings: #"{"database": \#(json)}"#).settings(Settings.self)
        }
        #expect(error?.problem.contains("database.\(message)") == true, "\(error?.problem ?? "")")
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test(arguments: ["{}", #"{"databse": {"url": "sqlite:"}}"#])
    func `settings without a database say what to write`(_ json: String) {
        struct Settings: Decodable { var database: DatabaseSettings }
        let error = #expect(throws: SettingsError.self) { try testContext(settings: json).settings(Settings.self) }
        #expect(
            error?.problem == """
                database: it is missing: write database: { url: … }, with a url such as "sqlite:" or \
                postgres://user@host/name
                """)
    }

    @Test func `settings whose database may be missing have none`() throws {
        struct Settings: Decodable { var database: DatabaseSettings? }
        #expect(try testContext(settings: "{}").settings(Settings.self).database == nil)
    }

    @Test(arguments: [
        ("postgres://ann:hunter2@host:5433/blog", "PostgreSQL at host port 5433, database blog"),
        ("postgres://ann:hun?ter2@host/blog", "PostgreSQL at host, database blog"),
        ("postgres://ann:hun#ter2@host/blog", "PostgreSQL at host, database blog"),
        ("postgres://ann:hu?password=nter2@host/blog", "PostgreSQL at host, database blog"),
        ("postgres://ann@host/blog?password=hun@ter2", "PostgreSQL at host, database blog"),
        ("postgres://ann@host/blog?password=hunter2&sslmode=require", "PostgreSQL at host, database blog"),
        ("mysql://ann:hunter2@host:3307/blog", "MySQL at host:3307, database blog"),
        ("mysql://ann:hun@ter2@host/blog", "MySQL at host:3306, database blog"),
        ("mysql://ann:12#hunter2@host/blog", "MySQL at host:3306, database blog"),
    ])
    func `a place for messages has no password`(_ url: String, _ place: String) throws {
        #expect(try Database(DatabaseSettings(url: url), context: testContext()).place == place)
    }

    @Test(arguments: [
        "postgres://ann:hun@ter2@host/blog", "postgres://ann:hun/ter2@host/blog", "postgres://ann:12/hunter2@host/blog",
        "postgres://ann:hun@t/er2@host/blog?sslmode=require", "mysql:///blog?sslpassword=hunter2",
        "mysql://ann:hun@t/er2@host/blog", "mysql://ann:hun@t?er2@host/blog", "mysql://ann:hun@t?tls=er2@host/blog",
        "mysql://ann:hun/ter2@host/blog", "mysql://ann:hun?ter2@host/blog", "mysql://ann:12/hunter2@host/blog",
        "mysql://ann:12?hunter2@host/blog", "mysql://ann:12?hunter2=hunter2@host/blog",
        "mysql://ann:12?tls=hunter2@host",
    ])
    func `an address that cannot be read is refused without its password`(_ url: String) {
        let error = #expect(throws: DatabaseError.self) {
            try Database(DatabaseSettings(url: url), context: testContext())
        }
        #expect(error?.kind == .usage)
        for piece in ["hun", "ter2", "er2"] { #expect(error?.description.contains(piece) == false) }
    }

    @Test(arguments: ["postgres", "mysql"], ["100%", "5%zz", "%"])
    func `a password with a bare percent sign is refused with the way to write it`(_ scheme: String, _ password: String)
    {
        let error = #expect(throws: DatabaseError.self) {
            try Database(DatabaseSettings(url: "\(scheme)://ann:\(password)@host/blog"), context: testContext())
        }
        #expect(error?.kind == .usage)
        #expect(
            error?.message.hasSuffix("two hexadecimal digits follow a %; a % itself is written %25") == true
                || error?.message.contains("a % itself is written %25 (mysql:") == true)
        #expect(error?.description.contains("\(password)@") == false)
    }

    @Test(arguments: ["postgres", "mysql"])
    func `a password with its percent sign written as %25 is read`(_ scheme: String) throws {
        let url = "\(scheme)://ann:100%25@host/blog"
        #expect(try Database(DatabaseSettings(url: url), context: testContext()).place.hasSuffix("database blog"))
    }

    @Test func `a scheme that nobody has is refused without the rest of the url`() {
        let error = #expect(throws: DatabaseError.self) {
            try Database(DatabaseSettings(url: "oracle://ann:hunter2@host"), context: testContext())
        }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("oracle:") == true)
        #expect(error?.description.contains("hunter2") == false)
    }
}
