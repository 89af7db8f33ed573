import GatehousePlan
import Logging

/// Applies migrations over one connection, under a lock that covers the ledger's making too.
struct Migrator {
    let session: MigrationSession
    let ledger: MigrationLedger
    let lock: MigrationLock
    /// The database for messages.
    let place: String
    let logger: Logger
    /// Makes the transaction that a step of code gets.
    let transaction: (any Connection) -> Transaction

    /// - Returns: a report of each migration, and of each one that only the database knows.
    func reports(of migrations: [Migration]) async throws(MigrationError) -> [MigrationReport] {
        let entries = try await reading { () async throws(DatabaseError) in try await ledger.entries() }
        let known = Set(migrations.map(\.name))
        let unknown = entries.keys.filter { !known.contains($0) }.sorted().map { name in
            var report = MigrationReport(database: place, name: name, state: .unknown)
            report.applied = entries[name]?.applied
            return report
        }
        return try plan(migrations, entries).map { $0.report(database: place) } + unknown
    }

    /// Applies what is pending, in the order of the list.
    /// - Returns: the names of what was applied.
    @discardableResult
    func apply(_ migrations: [Migration]) async throws(MigrationError) -> [String] {
        var entries = try await reading { () async throws(DatabaseError) in try await ledger.entries() }
        // A worker whose database is up to date takes no lock.
        var planned = try plan(migrations, entries)
        if planned.contains(where: { $0.obstacle != nil }) {
            // Another worker may be in the middle of one: under the lock nobody is.
            try await lock.holdForSession(place)
            entries = try await reading { () async throws(DatabaseError) in try await ledger.entries() }
            await lock.releaseForSession()
            planned = try plan(migrations, entries)
        }
        try refuseObstacles(planned)
        warnOfNewer(migrations, entries)
        let pending = planned.filter { $0.state != .applied }
        guard !pending.isEmpty else { return [] }
        let held = try await lock.acquireForSession(place)
        do {
            try await makeLedger()
            var applied: [String] = []
            for migration in pending where try await apply(migration) { applied.append(migration.name) }
            if held { await lock.releaseForSession() }
            return applied
        } catch {
            if held { await lock.releaseForSession() }
            throw error
        }
    }

    private func plan(
        _ migrations: [Migration], _ entries: [String: MigrationLedger.Entry]
    ) throws(MigrationError) -> [PlannedMigration] {
        var names: Set<String> = []
        return try migrations.map { migration throws(MigrationError) in
            guard names.insert(migration.name).inserted else {
                throw MigrationError("there are two migrations named \(migration.name): give one another name")
            }
            return try PlannedMigration(migration, for: session.dialect, entry: entries[migration.name])
        }
    }

    private func refuseObstacles(_ planned: [PlannedMigration]) throws(MigrationError) {
        for migration in planned {
            if let obstacle = migration.obstacle { throw MigrationError("\(place): \(obstacle)") }
        }
    }

    private func warnOfNewer(_ migrations: [Migration], _ entries: [String: MigrationLedger.Entry]) {
        let known = Set(migrations.map(\.name))
        let newer = entries.keys.filter { !known.contains($0) }.sorted()
        guard !newer.isEmpty else { return }
        logger.notice(
            "\(place) has migrations that this module does not: \(newer.joined(separator: ", ")); it is an older one")
    }

    private func makeLedger() async throws(MigrationError) {
        try await lock.transaction(place) { () async throws(DatabaseError) in
            if try await !ledger.exists() { try await ledger.create() }
        }
    }

    // MARK: One migration

    /// - Returns: whether it was applied here, and not by somebody else meanwhile.
    private func apply(_ migration: PlannedMigration) async throws(MigrationError) -> Bool {
        if session.dialect != .mySQL, migration.isTransactional { return try await applyAtOnce(migration) }
        guard session.dialect != .postgreSQL else { return try await applyOutsideTransactions(migration) }
        return try await applyStepwise(migration)
    }

    /// Applies it whole or not at all.
    private func applyAtOnce(_ migration: PlannedMigration) async throws(MigrationError) -> Bool {
        var line = 0
        do {
            return try await lock.transaction(place) { () async throws(DatabaseError) in
                guard try await ledger.entries()[migration.name] == nil else { return false }
                switch migration.work {
                case .statements(let statements, _):
                    for statement in statements {
                        line = statement.line
                        try await session.run(SQL(unchecked: statement.text))
                    }
                    line = 0
                case .code(let up, _): try await run(up)
                }
                try await ledger.put(finished(migration), for: migration.name, isNew: true)
                logger.notice("\(place): migration \(migration.name) is applied")
                return true
            }
        } catch {
            guard let reason = error.reason else { throw error }
            throw MigrationError(
                "\(place): \(migration.place)\(line > 0 ? ":\(line)" : ""): \(reason); nothing of this migration is "
                    + "applied", reason: reason)
        }
    }

    /// Applies what PostgreSQL refuses in a transaction, with a lock that the session has.
    private func applyOutsideTransactions(_ migration: PlannedMigration) async throws(MigrationError) -> Bool {
        try await lock.holdForSession(place)
        do {
            let result = try await applyStepwise(migration)
            await lock.releaseForSession()
            return result
        } catch {
            await lock.releaseForSession()
            throw error
        }
    }

    /// Applies one statement after the other, and writes down how far it has come.
    private func applyStepwise(_ migration: PlannedMigration) async throws(MigrationError) -> Bool {
        var current = migration
        current.entry = try await reading { () async throws(DatabaseError) in try await ledger.entries()[migration.name]
        }
        if current.entry?.applied != nil { return false }
        try refuseObstacles([current])
        var entry =
            current.entry
            ?? MigrationLedger.Entry(
                checksum: migration.checksum(ofFirst: 0), done: 0, isRunning: false, applied: nil)
        var isNew = current.entry == nil
        let total: Int
        switch migration.work {
        case .statements(let statements, _):
            total = statements.count
            for (index, statement) in statements.enumerated().dropFirst(entry.done) {
                entry.isRunning = true
                try await note(entry, migration, isNew)
                isNew = false
                do throws(DatabaseError) {
                    try await session.run(SQL(unchecked: statement.text))
                } catch {
                    throw await failure(error, migration, entry, line: statement.line, of: total)
                }
                entry = MigrationLedger.Entry(
                    checksum: migration.checksum(ofFirst: index + 1), done: index + 1, isRunning: false, applied: nil)
                try await note(entry, migration, isNew)
            }
        case .code(let up, _):
            total = 1
            entry.isRunning = true
            try await note(entry, migration, isNew)
            isNew = false
            do throws(DatabaseError) { try await run(up) } catch {
                throw await failure(error, migration, entry, line: 0, of: total)
            }
            entry.done = 1
        }
        entry = finished(migration)
        try await note(entry, migration, isNew)
        logger.notice("\(place): migration \(migration.name) is applied")
        return true
    }

    private func finished(_ migration: PlannedMigration) -> MigrationLedger.Entry {
        var done = 1
        if case .statements(let statements, _) = migration.work { done = statements.count }
        return MigrationLedger.Entry(
            checksum: migration.checksum, done: done, isRunning: false, applied: MigrationLedger.now())
    }

    private func note(
        _ entry: MigrationLedger.Entry, _ migration: PlannedMigration, _ isNew: Bool
    ) async throws(MigrationError) {
        try await reading { () async throws(DatabaseError) in
            try await ledger.put(entry, for: migration.name, isNew: isNew)
        }
    }

    /// Says exactly what is applied after a statement has failed.
    private func failure(
        _ reason: DatabaseError, _ migration: PlannedMigration, _ entry: MigrationLedger.Entry, line: Int, of total: Int
    ) async -> MigrationError {
        var text = "\(place): \(migration.place)\(line > 0 ? ":\(line)" : ""): \(reason); "
        guard case .statements(let statements, _) = migration.work else {
            text +=
                "what its code had changed before is not rolled back: mend it by hand, and then DELETE FROM "
                + "\(MigrationLedger.table) WHERE name = '\(migration.name)', or set running = 0, applied = "
                + "'\(MigrationLedger.now())' there"
            return MigrationError(text, reason: reason)
        }
        if case .connectionLost(sent: true) = reason.kind {
            text += "nobody knows whether statement \(entry.done + 1) of \(total) was carried out"
        } else {
            var stopped = entry
            stopped.isRunning = false
            // If this fails too, the ledger says that a statement was begun, which is true.
            try? await ledger.put(stopped, for: migration.name, isNew: false)
            text += "statement \(entry.done + 1) of \(total) is not applied"
        }
        if entry.done == 0 {
            text += ", and none before it"
        } else {
            text +=
                "; applied, and not rolled back, are: "
                + statements.prefix(entry.done).map(Self.short)
                .joined(separator: "; ")
                + ": mend the file from line \(line) on, and migrate again, which goes on there"
        }
        return MigrationError(text, reason: reason)
    }

    private static func short(_ statement: StatementSplitter.Statement) -> String {
        let words = statement.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count > 60 ? "\(words.prefix(57))..." : words
    }

    /// Calls the code of a step. Its own errors come out as the database's do.
    private func run(_ up: @Sendable (Transaction) async throws -> Void) async throws(DatabaseError) {
        let transaction = transaction(session.connection)
        defer { transaction.finish() }
        do { try await up(transaction) } catch {
            throw error as? DatabaseError ?? DatabaseError(.other, "\(error)")
        }
    }

    private func reading<Result>(
        _ body: () async throws(DatabaseError) -> Result
    ) async throws(MigrationError) -> Result {
        do { return try await body() } catch {
            throw MigrationError("\(place): \(error)", reason: error)
        }
    }
}
