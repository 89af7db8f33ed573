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

    /// The SQL that applying a migration would run; `nil` if it is code.
    func pendingSQL(of name: String, in migrations: [Migration]) async throws(MigrationError) -> String? {
        let entries = try await reading { () async throws(DatabaseError) in try await ledger.entries() }
        return try plan(migrations.filter { $0.name == name }, entries).first?.pendingSQL
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
            return try PlannedMigration(
                migration, of: ledger.module, for: session.dialect, entry: entries[migration.name])
        }
    }

    func refuseObstacles(_ planned: [PlannedMigration]) throws(MigrationError) {
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
        // One that has begun is in the ledger already, and goes on where it stopped.
        if session.dialect != .mySQL, migration.isTransactional, migration.entry == nil {
            return try await applyAtOnce(migration)
        }
        // On MySQL the session has the lock already.
        guard session.dialect != .mySQL else { return try await applyStepwise(migration) }
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

    /// Applies it whole or not at all.
    private func applyAtOnce(_ migration: PlannedMigration) async throws(MigrationError) -> Bool {
        var line = 0
        do {
            return try await lock.transaction(place) { () async throws(DatabaseError) in
                if let entry = try await ledger.entries()[migration.name] {
                    guard entry.applied == nil else { return false }
                    throw DatabaseError(.other, "another module of this name has applied it in part: migrate again")
                }
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

    /// Calls the code of a step. Its own errors come out as the database's do.
    func run(_ up: @Sendable (Transaction) async throws -> Void) async throws(DatabaseError) {
        let transaction = transaction(session.connection)
        defer { transaction.finish() }
        do { try await up(transaction) } catch {
            throw error as? DatabaseError ?? DatabaseError(.other, "\(error)")
        }
    }

    func reading<Result>(
        _ body: () async throws(DatabaseError) -> Result
    ) async throws(MigrationError) -> Result {
        do { return try await body() } catch {
            throw MigrationError("\(place): \(error)", reason: error)
        }
    }
}
