import GatehouseSystem

/// The table in which a database remembers the migrations of its modules.
struct MigrationLedger {
    let session: MigrationSession
    /// The module whose migrations these are.
    let module: String

    /// A row of the table.
    struct Entry: Equatable {
        /// The checksum of the whole, or of the statements that are done if the migration has not ended.
        var checksum: String
        /// The statements that were carried out.
        var done: Int
        /// Whether one more was begun, and nobody knows whether it was carried out.
        var isRunning: Bool
        /// The time in UTC, `2026-11-28 19:40:00`; `nil` if the migration has not ended.
        var applied: String?
    }

    static let table = "gatehouse_migration"

    /// All entries by name; empty if the table does not exist.
    func entries() async throws(DatabaseError) -> [String: Entry] {
        guard try await exists() else { return [:] }
        let rows = try await session.rows(
            "SELECT name, checksum, done, running, applied FROM gatehouse_migration WHERE module = \(module)")
        var entries: [String: Entry] = [:]
        for row in rows {
            guard row.count == 5, let name = row[0], let checksum = row[1], let done = row[2].flatMap({ Int($0) })
            else { throw DatabaseError(.data, "the table \(Self.table) has a row that is not understood") }
            entries[name] = Entry(checksum: checksum, done: done, isRunning: row[3] == "1", applied: row[4])
        }
        return entries
    }

    func exists() async throws(DatabaseError) -> Bool {
        let question: SQL =
            switch session.dialect {
            case .postgreSQL:
                """
                SELECT count(*) FROM pg_catalog.pg_class
                WHERE relname = 'gatehouse_migration' AND pg_catalog.pg_table_is_visible(oid)
                """
            case .mySQL:
                """
                SELECT count(*) FROM information_schema.tables
                WHERE table_schema = DATABASE() AND table_name = 'gatehouse_migration'
                """
            case .sqlite: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'gatehouse_migration'"
            }
        return try await session.rows(question).first?.first != "0"
    }

    /// Makes the table, under the lock.
    func create() async throws(DatabaseError) {
        try await session.run(
            """
            CREATE TABLE gatehouse_migration (
                module VARCHAR(100) NOT NULL, name VARCHAR(150) NOT NULL, checksum VARCHAR(32) NOT NULL,
                done INTEGER NOT NULL, running INTEGER NOT NULL, applied VARCHAR(30),
                PRIMARY KEY (module, name))
            """)
    }

    func put(_ entry: Entry, for name: String, isNew: Bool) async throws(DatabaseError) {
        if isNew {
            try await session.run(
                """
                INSERT INTO gatehouse_migration (module, name, checksum, done, running, applied) VALUES
                (\(module), \(name), \(entry.checksum), \(entry.done), \(entry.isRunning ? 1 : 0), \(entry.applied))
                """)
        } else {
            try await session.run(
                """
                UPDATE gatehouse_migration SET checksum = \(entry.checksum), done = \(entry.done),
                running = \(entry.isRunning ? 1 : 0), applied = \(entry.applied)
                WHERE module = \(module) AND name = \(name)
                """)
        }
    }

    /// The present time for ``Entry/applied``.
    static func now() -> String {
        UTCTime.now().text.replacing("T", with: " ").replacing("Z", with: "")
    }
}

/// SQL that a message gives to people, who look before they type it.
struct LedgerAdvice {
    let module: String
    let migration: String

    /// Makes the migration pending again.
    var forget: String { "DELETE FROM \(MigrationLedger.table) WHERE \(row)" }

    /// Counts the migration as applied.
    var finish: String {
        "UPDATE \(MigrationLedger.table) SET running = 0, applied = '\(MigrationLedger.now())' WHERE \(row)"
    }

    /// Says how many statements are done: this many, or one more.
    func resume(done: Int) -> String {
        "UPDATE \(MigrationLedger.table) SET running = 0, done = \(done) (or \(done + 1)) WHERE \(row)"
    }

    private var row: String { "module = '\(module)' AND name = '\(migration)'" }
}
