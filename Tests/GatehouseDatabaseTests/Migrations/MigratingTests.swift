import FoundationEssentials
import GatehouseDatabase
import TestSupport
import Testing

struct MigratingTests {
    /// Files of migrations, and the list that a module makes of them.
    private struct Folder {
        let folder = try! TemporaryFolder()

        func put(_ text: String, in name: String) throws {
            try Data(text.utf8).write(to: URL(filePath: "\(folder.path)/\(name)"))
        }

        func migrations() throws -> [Migration] { try .files(in: folder.path) }
    }

    /// Migrates as workers do that start together, each with a pool of its own.
    private static func migrate(_ folder: Folder, workers: Int, _ place: Place) async throws {
        let migrations = try folder.migrations()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<workers {
                tasks.addTask { try await place.withDatabase { try await $0.migrate(migrations) } }
            }
            try await tasks.waitForAll()
        }
    }

    private static let ledger = "SELECT name, done, running, applied IS NOT NULL FROM gatehouse_migration ORDER BY name"

    @Test(arguments: BackEnd.allCases)
    func `a migration runs once, and its table is remembered, behaviour 24`(_ backEnd: BackEnd) async throws {
        let folder = Folder()
        try folder.put("CREATE TABLE note (id INTEGER PRIMARY KEY, title VARCHAR(50));", in: "001_note.sql")
        try await backEnd.withDatabase { database, place in
            try await database.migrate(folder.migrations())
            try folder.put(
                "INSERT INTO note VALUES (1, 'one;'); INSERT INTO note VALUES (2, 'two')", in: "002_rows.sql")
            for _ in 0..<3 { try await database.migrate(folder.migrations()) }
            #expect(try await database.all("SELECT title FROM note ORDER BY id", String.self) == ["one;", "two"])
            #expect(
                try await place.query("SELECT name, done FROM gatehouse_migration ORDER BY name") == [
                    ["001_note", "1"], ["002_rows", "2"],
                ])
        }
    }

    @Test(arguments: BackEnd.allCases)
    func `workers that start together migrate once, behaviour 24`(_ backEnd: BackEnd) async throws {
        let folder = Folder()
        try folder.put("CREATE TABLE note (id INTEGER)", in: "1_note.sql")
        try folder.put("INSERT INTO note VALUES (1)", in: "2_row.sql")
        try folder.put("CREATE INDEX note_id ON note (id); INSERT INTO note VALUES (2)", in: "3_index.sql")
        try await backEnd.withDatabase { _, place in
            try await Self.migrate(folder, workers: 6, place)
            #expect(try await place.count("SELECT count(*) FROM note") == 2)
        }
    }

    @Test(arguments: BackEnd.allCases)
    func `a migration that was changed afterwards is noticed, behaviour 24`(_ backEnd: BackEnd) async throws {
        let folder = Folder()
        try folder.put("CREATE TABLE note (id INTEGER)", in: "1_note.sql")
        try await backEnd.withDatabase { database, _ in
            try await database.migrate(folder.migrations())
            try folder.put("-- only a comment\nCREATE TABLE note (id INTEGER);\n", in: "1_note.sql")
            try await database.migrate(folder.migrations())
            try folder.put("CREATE TABLE note (id INTEGER, title INTEGER)", in: "1_note.sql")
            let error = await #expect(throws: MigrationError.self) { try await database.migrate(folder.migrations()) }
            #expect(error?.description.contains("1_note.sql was applied at ") == true)
            #expect(error?.description.contains("with another content") == true)
        }
    }

    @Test(arguments: [BackEnd.postgreSQL, .sqlite])
    func `a failed migration leaves nothing behind, and says so, behaviour 24`(_ backEnd: BackEnd) async throws {
        let folder = Folder()
        try folder.put("CREATE TABLE note (id INTEGER);\n\nINSERT INTO nothing VALUES (1);", in: "1_note.sql")
        try await backEnd.withDatabase { database, place in
            let error = await #expect(throws: MigrationError.self) { try await database.migrate(folder.migrations()) }
            #expect(error?.description.contains("1_note.sql:3: ") == true)
            #expect(error?.description.hasSuffix("nothing of this migration is applied") == true)
            #expect(try await place.query(Self.ledger) == [])
            try folder.put("CREATE TABLE note (id INTEGER)", in: "1_note.sql")
            try await database.migrate(folder.migrations())
        }
    }

    @Test func `MySQL keeps what ran before a failure, is told exactly, and goes on, behaviour 24`() async throws {
        let folder = Folder()
        try folder.put(
            "CREATE TABLE note (id INTEGER);\nINSERT INTO note VALUES (1);\nINSERT INTO nothing VALUES (1);\n"
                + "INSERT INTO note VALUES (3);", in: "1_note.sql")
        try await BackEnd.mariaDB.withDatabase { database, place in
            let error = await #expect(throws: MigrationError.self) { try await database.migrate(folder.migrations()) }
            let text = error?.description ?? ""
            #expect(text.contains("1_note.sql:3: "))
            #expect(text.contains("statement 3 of 4 is not applied"))
            #expect(text.contains("not rolled back, are: CREATE TABLE note (id INTEGER); INSERT INTO note VALUES (1):"))
            #expect(try await place.query(Self.ledger) == [["1_note", "2", "0", "0"]])
            // A change of what is applied already is refused, one of the rest is taken.
            try folder.put("CREATE TABLE note (id BIGINT); SELECT 1; SELECT 2", in: "1_note.sql")
            let other = await #expect(throws: MigrationError.self) { try await database.migrate(folder.migrations()) }
            #expect(other?.description.contains("the first 2 statements are applied already") == true)
            try folder.put(
                "CREATE TABLE note (id INTEGER);\nINSERT INTO note VALUES (1);\nINSERT INTO note VALUES (2);",
                in: "1_note.sql")
            try await database.migrate(folder.migrations())
            #expect(try await place.query("SELECT id FROM note ORDER BY id") == [["1"], ["2"]])
            #expect(try await place.query(Self.ledger) == [["1_note", "3", "0", "1"]])
        }
    }

    @Test func `a statement of unknown fate stops everything until somebody has looked`() async throws {
        let folder = Folder()
        try folder.put("CREATE TABLE note (id INTEGER); INSERT INTO note VALUES (1)", in: "1_note.sql")
        try await BackEnd.mariaDB.withDatabase { database, place in
            try await database.migrate(folder.migrations())
            _ = try await place.query("UPDATE gatehouse_migration SET done = 1, running = 1, applied = NULL")
            let error = await #expect(throws: MigrationError.self) { try await database.migrate(folder.migrations()) }
            #expect(error?.description.contains("broke off while statement 2 ran") == true)
        }
    }

    @Test func `what PostgreSQL refuses in a transaction runs outside of one`() async throws {
        let folder = Folder()
        try folder.put("CREATE TABLE note (id INTEGER)", in: "1_note.sql")
        try folder.put(
            "-- gatehouse: no transaction\nCREATE INDEX CONCURRENTLY note_id ON note (id);", in: "2_index.sql")
        try await BackEnd.postgreSQL.withDatabase { database, place in
            try await Self.migrate(folder, workers: 4, place)
            #expect(try await place.count("SELECT count(*) FROM pg_indexes WHERE indexname = 'note_id'") == 1)
        }
    }

    @Test func `workers that start together run what SQLite refuses in a transaction once`() async throws {
        let folder = Folder()
        try folder.put(
            "-- gatehouse: no transaction\nCREATE TABLE note (id INTEGER);\nINSERT INTO note VALUES (1);\nVACUUM;",
            in: "1_note.sql")
        try await BackEnd.sqlite.withDatabase { _, place in
            try await Self.migrate(folder, workers: 4, place)
            #expect(try await place.count("SELECT count(*) FROM note") == 1)
        }
    }

    @Test(arguments: [BackEnd.postgreSQL, .sqlite])
    func `a migration that was applied in part goes on, even if it has become one transaction`(
        _ backEnd: BackEnd
    ) async throws {
        let folder = Folder()
        let (first, second) = ("CREATE TABLE note (id INTEGER);\n", "INSERT INTO note VALUES (1);\n")
        try folder.put("-- gatehouse: no transaction\n\(first)INSERT INTO nothing VALUES (1);", in: "1_note.sql")
        try await backEnd.withDatabase { database, place in
            await #expect(throws: MigrationError.self) { try await database.migrate(folder.migrations()) }
            #expect(try await place.query("SELECT done, running FROM gatehouse_migration") == [["1", "0"]])
            try folder.put(first + second, in: "1_note.sql")
            try await database.migrate(folder.migrations())
            #expect(try await place.count("SELECT count(*) FROM note") == 1)
            #expect(try await place.count("SELECT done FROM gatehouse_migration WHERE applied IS NOT NULL") == 2)
        }
    }

    @Test(arguments: BackEnd.allCases)
    func `a step of code runs in its transaction, and once`(_ backEnd: BackEnd) async throws {
        let steps = [
            Migration("1_note") { try await $0.execute("CREATE TABLE note (id INTEGER)") },
            Migration("2_rows") { transaction in
                for id in 1...3 { try await transaction.execute("INSERT INTO note VALUES (\(id))") }
            },
        ]
        try await backEnd.withDatabase { database, place in
            for _ in 0..<2 { try await database.migrate(steps) }
            #expect(try await place.count("SELECT count(*) FROM note") == 3)
            struct Stop: Error {}
            let failing =
                steps + [
                    Migration("3_more") { transaction in
                        try await transaction.execute("INSERT INTO note VALUES (4)")
                        throw Stop()
                    }
                ]
            await #expect(throws: MigrationError.self) { try await database.migrate(failing) }
            if backEnd != .mariaDB { #expect(try await place.count("SELECT count(*) FROM note") == 3) }
        }
    }

    @Test(arguments: BackEnd.allCases)
    func `an older module leaves newer migrations alone`(_ backEnd: BackEnd) async throws {
        let folder = Folder()
        try folder.put("CREATE TABLE note (id INTEGER)", in: "1_note.sql")
        try await backEnd.withDatabase { database, place in
            try await database.migrate(folder.migrations() + [Migration("2_newer") { _ in }])
            try await database.migrate(folder.migrations())
            #expect(try await place.count("SELECT count(*) FROM gatehouse_migration") == 2)
        }
    }

    @Test func `a module whose migrations come by command refuses to start before it`() async throws {
        let folder = Folder()
        try folder.put("CREATE TABLE note (id INTEGER)", in: "1_note.sql")
        try await BackEnd.sqlite.withDatabase { database, place in
            let error = await #expect(throws: MigrationError.self) {
                try await database.migrate(folder.migrations(), .byCommand)
            }
            #expect(
                error?.description.hasSuffix(
                    "pending migrations: 1_note: run gatehouse migrate --config FILE --module Test") == true)
            #expect(try await place.count("SELECT count(*) FROM sqlite_master") == 0)
            try await database.migrate(folder.migrations())
            try await database.migrate(folder.migrations(), .byCommand)
        }
    }
}
