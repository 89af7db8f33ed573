import DatabaseTestSupport
import Gatehouse
import GatehouseDatabase
import HTTPTypes
import GatehouseTesting
import Hummingbird
import ServiceLifecycle
import TestSupport
import Testing

/// A module that keeps names, as an author would write it.
private struct Names: HandlerModule {
    struct Settings: Decodable { var database: DatabaseSettings }
    let database: Database

    init(context: ModuleContext) async throws {
        database = try Database(context.settings(Settings.self).database, context: context)
        try await database.migrate([
            Migration("001_names") { transaction in
                try await transaction.execute("CREATE TABLE name (name VARCHAR(50) PRIMARY KEY)")
            }
        ])
    }

    var services: [any Service] { [database] }

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/") { [database] _, _ in
            try await database.all("SELECT name FROM name ORDER BY name", String.self).joined(separator: " ")
        }
        router.post("/:name") { [database] _, context in
            let name = try context.parameters.require("name")
            try await database.execute("INSERT INTO name (name) VALUES (\(name))")
            return HTTPResponse.Status.created
        }
        router.post("/unless/:name") { [database] _, context in
            let name = try context.parameters.require("name")
            let (_, found) = try await database.batch(
                Query.execute("INSERT INTO name (name) VALUES (\(name))"),
                Query.one("SELECT name FROM name WHERE name = \(name + "-first")", as: String.self))
            return found
        }
        router.post("/both/:name") { [database] _, context in
            let name = try context.parameters.require("name")
            try await database.transaction { transaction in
                try await transaction.execute("INSERT INTO name (name) VALUES (\(name + "-first"))")
                try await transaction.execute("INSERT INTO name (name) VALUES (\(name))")
            }
            return HTTPResponse.Status.created
        }
    }
}

/// `ModuleTester.run(_:database:)`: a module over a real database, of which nothing stays.
struct ModuleTesterDatabaseTests {
    private func withTestDatabases(
        _ backEnd: BackEnd, _ body: (ModuleTester.TestDatabase, Place?) async throws -> Void
    ) async throws {
        switch backEnd {
        case .sqlite: try await body(.sqlite, nil)
        case .postgreSQL:
            let place = try await TestServer.shared(backEnd).place
            try await body(.postgres(url: place.url), place)
        case .mariaDB:
            let place = try await TestServer.shared(backEnd).place
            try await body(.mysql(url: place.url), place)
        }
    }

    @Test(arguments: BackEnd.allCases)
    func `a module's rows are gone after the test, and its tables stay`(backEnd: BackEnd) async throws {
        try await withTestDatabases(backEnd) { database, place in
            for _ in 0..<2 {
                try await ModuleTester.run(Names.self, database: database) { names async throws in
                    #expect(try await names.get("/").text == "")
                    #expect(try await names.post("/ann", text: "").status == .created)
                    #expect(try await names.post("/bob", text: "").status == .created)
                    #expect(try await names.get("/").text == "ann bob")
                    #expect(try await names.database.one("SELECT count(*) FROM name", Int.self) == 2)
                }
                if let place {
                    #expect(try await place.count("SELECT count(*) FROM name") == 0)
                    try await until("no transaction is open") { try await place.openTransactions() == 0 }
                }
            }
        }
    }

    @Test(arguments: BackEnd.allCases)
    func `an error ends its statement or transaction and not the test's`(backEnd: BackEnd) async throws {
        try await withTestDatabases(backEnd) { database, _ in
            try await ModuleTester.run(Names.self, database: database) { names async throws in
                #expect(try await names.post("/ann", text: "").status == .created)
                #expect(try await names.post("/ann", text: "").status == .conflict)
                // A row that must be there is not, which takes back what the batch has written.
                #expect(try await names.post("/unless/bob", text: "").status == .notFound)
                // Its first statement is taken back with the second.
                #expect(try await names.post("/both/ann", text: "").status == .conflict)
                #expect(try await names.post("/both/bob", text: "").status == .created)
                #expect(try await names.get("/").text == "ann bob bob-first")
            }
        }
    }

    @Test(arguments: BackEnd.allCases)
    func `fixtures fill the database for one test`(backEnd: BackEnd) async throws {
        let folder = try TemporaryFolder()
        let text =
            "-- People; all of them.\nINSERT INTO name VALUES ('zoe; the first');\nINSERT INTO name VALUES ('yan');\n"
        try folder.write(Array(text.utf8), to: "people.sql")
        try await withTestDatabases(backEnd) { database, _ in
            try await ModuleTester.run(
                Names.self, database: database, fixtures: ["people.sql"], resourceFolder: folder.path
            ) {
                let text = try await $0.get("/").text
                #expect(text == "yan zoe; the first")
            }
            try folder.write(
                Array("INSERT INTO name VALUES ('a');\n\nINSERT INTO nome VALUES ('b')".utf8), to: "wrong.sql")
            let error = await #expect(throws: (any Error).self) {
                try await ModuleTester.run(Names.self, database: database, fixtures: [folder.path + "/wrong.sql"]) {
                    _ in
                }
            }
            #expect(error.map { "\($0)" }?.contains("/wrong.sql:3: ") == true)
        }
        withExtendedLifetime(folder) {}
    }

    @Test(arguments: BackEnd.allCases)
    func `many requests at once take turns on the one connection`(backEnd: BackEnd) async throws {
        try await withTestDatabases(backEnd) { database, _ in
            try await ModuleTester.run(Names.self, database: database) { names async throws in
                try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                    for number in 0..<40 {
                        group.addTask {
                            try await names.post(number % 2 == 0 ? "/n\(number)" : "/both/n\(number)", text: "").status
                        }
                    }
                    for try await status in group { #expect(status == .created) }
                }
                #expect(try await names.database.one("SELECT count(*) FROM name", Int.self) == 60)
            }
        }
    }

    @Test func `a constraint that PostgreSQL checks at the commit is checked in a test`() async throws {
        try await withTestDatabases(.postgreSQL) { database, place in
            _ = try await place?.query(
                "CREATE TABLE pair (id INT PRIMARY KEY, other INT REFERENCES pair DEFERRABLE "
                    + "INITIALLY DEFERRED); GRANT ALL ON pair TO gatehouse")
            try await ModuleTester.run(Names.self, database: database) { names async throws in
                let database = try names.database
                try await database.transaction { transaction in
                    try await transaction.execute("INSERT INTO pair VALUES (1, 2)")
                    try await transaction.execute("INSERT INTO pair VALUES (2, 1)")
                }
                for _ in 0..<2 {
                    let error = await #expect(throws: DatabaseError.self) {
                        try await database.transaction { _ = try await $0.execute("INSERT INTO pair VALUES (3, 4)") }
                    }
                    if case .foreignKey = error?.kind {} else { Issue.record("\(String(describing: error))") }
                    await #expect(throws: DatabaseError.self) {
                        try await database.execute("INSERT INTO pair VALUES (5, 6)")
                    }
                }
                #expect(try await database.one("SELECT count(*) FROM pair", Int.self) == 2)
            }
        }
    }

    @Test func `a tester without a database says so`() async throws {
        try await withTestDatabases(.sqlite) { _, _ in
            await #expect(throws: (any Error).self) {
                try await ModuleTester.run(Names.self) { _ in }
            }
        }
    }
}
