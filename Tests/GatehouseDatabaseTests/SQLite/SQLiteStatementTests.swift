import DatabaseTestSupport
import FoundationEssentials
@testable import GatehouseDatabase
import Testing

struct SQLiteStatementTests {
    private let nothing: String? = nil

    @Test func `a value goes in and comes out as it was, behaviour 20`() async throws {
        let fixture = try SQLiteFixture()
        let rows = try await fixture.all(
            "SELECT \(Int64.max), \(Int64.min), \(0.1), \("é😀"), \([UInt8]([0, 255])), \(true), \(nothing)",
            Int64.self, Int64.self, Double.self, String.self, [UInt8].self, Bool.self, String?.self)
        let row = try #require(rows.first)
        #expect(row.0 == .max && row.1 == .min && row.2 == 0.1 && row.3 == "é😀")
        #expect(row.4 == [0, 255] && row.5 && row.6 == nil)
        await #expect { try await fixture.column("SELECT 3000000000", Int32.self) } throws: {
            ($0 as? DatabaseError)?.kind == .data
        }
        #expect(await fixture.failure("SELECT \(UInt64.max)")?.kind == .data)
    }

    @Test func `another program reads what was written, and writes what is read`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        try await fixture.execute("INSERT INTO note (title) VALUES (\("it's ✓"))")
        #expect(
            try await SQLiteObserver.shared.query("SELECT id, title FROM note", in: fixture.path) == [["1", "it's ✓"]])
        _ = try await SQLiteObserver.shared.query("INSERT INTO note (title) VALUES ('other')", in: fixture.path)
        #expect(try await fixture.count() == 2)
    }

    @Test func `a moment, a decimal, a UUID and a list have one form, behaviours 21 and 23`() async throws {
        let fixture = try SQLiteFixture()
        let id = UUID()
        let moment = Date(timeIntervalSince1970: 1_700_000_000.125)
        try await fixture.execute("CREATE TABLE t (at TEXT, price TEXT, id TEXT)")
        try await fixture.execute(
            "INSERT INTO t VALUES (\(moment), \(try #require(Decimal(string: "12.50"))), \(id))")
        let rows = try await fixture.all("SELECT at, price, id FROM t", Date.self, Decimal.self, UUID.self)
        let row = try #require(rows.first)
        #expect(row.0 == moment && row.1 == Decimal(string: "12.50") && row.2 == id)
        let texts = try await fixture.all("SELECT unixepoch(at), price FROM t", Int.self, String.self)
        #expect(texts.first?.0 == 1_700_000_000 && texts.first?.1 == "12.5")
        #expect(try await fixture.count("SELECT count(*) FROM t WHERE id IN \(list: [id, UUID(), UUID()])") == 1)
        #expect(try await fixture.count("SELECT count(*) FROM t WHERE id IN \(list: [UUID]())") == 0)
        #expect(try await fixture.count("SELECT count(*) FROM t WHERE id NOT IN \(list: [UUID]())") == 1)
    }

    @Test func `U+0000 in a text is the client's fault, behaviour 22`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        let error = await fixture.failure("INSERT INTO note (title) VALUES (\("a\0b"))")
        #expect(error?.kind == .invalidText)
    }

    @Test func `errors have their kind, their column and never a value`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        try await fixture.execute("CREATE TABLE tag (note INTEGER NOT NULL REFERENCES note (id))")
        try await fixture.execute("INSERT INTO note VALUES (1, \("secret"))")
        let kinds: [(SQL, DatabaseError.Kind)] = [
            ("INSERT INTO note VALUES (1, \("x"))", .unique("note.id")),
            ("INSERT INTO note VALUES (2, \("secret"))", .unique("note.title")),
            ("INSERT INTO note VALUES (2, \(nothing))", .notNull("title")),
            ("INSERT INTO note VALUES (2, \(""))", .check("title <> ''")),
            ("INSERT INTO tag VALUES (\(7))", .foreignKey(nil)),
            ("SELECT nothing FROM note", .usage),
            ("SELEC 1", .usage),
            ("SELECT \"nothing\" FROM note", .usage),
            ("INSERT INTO note (id) VALUES (\("no number"))", .data),
        ]
        for (sql, kind) in kinds {
            let error = try #require(await fixture.failure(sql), "\(sql)")
            #expect(error.kind == kind, "\(sql)")
            #expect(!"\(error)".contains("secret") && !error.statement.isEmpty)
        }
    }

    @Test func `a statement says how many rows and which key`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        #expect(try await fixture.execute("INSERT INTO note VALUES (7, 'a'), (8, 'b')") == Changes(rows: 2, lastID: 8))
        #expect(try await fixture.execute("UPDATE note SET title = title || '!'") == Changes(rows: 2))
        #expect(try await fixture.execute("INSERT OR IGNORE INTO note VALUES (7, 'c')") == Changes(rows: 0))
        #expect(try await fixture.execute("CREATE TABLE other (a)") == Changes(rows: 0))
        #expect(try await fixture.execute("SELECT * FROM note") == Changes(rows: 2))
        let upsert: SQL = "INSERT INTO note VALUES (7, 'd') ON CONFLICT DO UPDATE SET title = 'e'"
        #expect(try await fixture.execute(upsert) == Changes(rows: 1))
        #expect(try await fixture.column("DELETE FROM note RETURNING id", Int.self).sorted() == [7, 8])
    }

    @Test func `more than one statement, none, and a stray placeholder are refused`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        for sql: SQL in [
            "SELECT 1; SELECT 2", "", "-- nothing", "SELECT ?", "INSERT INTO note VALUES (1, 'a'); DELETE FROM note",
        ] {
            #expect(await fixture.failure(sql)?.kind == .usage, "\(sql)")
        }
        #expect(try await fixture.count("SELECT 1; -- done\n ; ") == 1)
    }

    @Test func `a statement of its own begins no transaction`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        for sql: SQL in ["BEGIN", "BEGIN IMMEDIATE", "COMMIT", "SAVEPOINT a", "ROLLBACK"] {
            #expect(await fixture.failure(sql)?.kind == .usage, "\(sql)")
        }
        try await fixture.execute("INSERT INTO note VALUES (1, 'a')")
        #expect(try await fixture.count() == 1)
    }

    @Test func `a schema change is seen by prepared statements, behaviour 15`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        try await fixture.execute("INSERT INTO note VALUES (1, 'a')")
        let all: SQL = "SELECT * FROM note"
        #expect(try await fixture.all(all, Int.self, String.self).count == 1)
        try await fixture.execute("ALTER TABLE note ADD COLUMN stars INTEGER NOT NULL DEFAULT 5")
        #expect(try await fixture.all(all, Int.self, String.self, Int.self).first?.2 == 5)
        _ = try await SQLiteObserver.shared.query("ALTER TABLE note DROP COLUMN stars", in: fixture.path)
        #expect(try await fixture.all(all, Int.self, String.self).count == 1)
    }

    @Test func `what one caller sets is not the next one's, behaviour 16`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        try await fixture.execute("PRAGMA foreign_keys = OFF")
        try await fixture.execute("CREATE TEMP TABLE mine (a)")
        try await fixture.execute("ATTACH ':memory:' AS side")
        #expect(try await fixture.column("PRAGMA foreign_keys", Int.self) == [1])
        #expect(await fixture.failure("INSERT INTO mine VALUES (1)")?.kind == .usage)
        #expect(await fixture.failure("CREATE TABLE side.t (a)")?.kind == .usage)
    }

    @Test func `a WITH that writes, VACUUM and EXPLAIN find their thread`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        try await fixture.execute("WITH n(t) AS (VALUES ('a'), ('b')) INSERT INTO note (title) SELECT t FROM n")
        try await fixture.execute("VACUUM")
        try await fixture.execute("  explain query plan SELECT * FROM note")
        #expect(try await fixture.count() == 2)
        #expect(try await fixture.count("/* a comment */ SELECT count(*) FROM note") == 2)
    }

    @Test func `a database in memory is one for readers and the writer`() async throws {
        let fixture = try await SQLiteFixture("sqlite::memory:").withNotes()
        try await fixture.execute("INSERT INTO note VALUES (1, 'a')")
        #expect(try await fixture.count() == 1)
        #expect(try await SQLiteFixture("sqlite::memory:").failure("SELECT * FROM note")?.kind == .usage)
    }

    @Test func `too many rows are an error of their request, behaviour 19`() async throws {
        let fixture = try await SQLiteFixture().withNotes()
        let sql: SQL = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
        await #expect { try await fixture.column(sql, Int.self, atMost: 100) } throws: {
            ($0 as? DatabaseError)?.kind == .tooManyRows
        }
        #expect(try await fixture.count() == 0)
    }
}
