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

    /// Looks at what is applied and what is to be.
    func plan(_ migrations: [Migration]) async throws(MigrationError) -> MigrationPlan {
        try await MigrationPlan(of: migrations, in: ledger.module, for: session.dialect, entries())
    }

    /// Applies what is pending, in the order of the list.
    /// - Returns: the names of what was applied.
    @discardableResult
    func apply(_ migrations: [Migration]) async throws(MigrationError) -> [String] {
        // A worker whose database is up to date takes no lock.
        var plan = try await plan(migrations)
        if plan.obstacle != nil {
            // Another worker may be in the middle of one: under the lock nobody is.
            plan = try await lock.holding { () async throws(MigrationError) in try await self.plan(migrations) }
        }
        if let obstacle = plan.obstacle { throw MigrationError("\(place): \(obstacle)") }
        if !plan.newer.isEmpty {
            let names = plan.newer.map(\.name).joined(separator: ", ")
            logger.notice("\(place) has migrations that this module does not: \(names); it is an older one")
        }
        let pending = plan.pending
        guard !pending.isEmpty else { return [] }
        guard session.dialect == .mySQL else { return try await apply(pending) }
        // Its transactions cannot hold the lock, so the session does, for all.
        return try await lock.holding { () async throws(MigrationError) in try await apply(pending) }
    }

    private func apply(_ pending: [PlannedMigration]) async throws(MigrationError) -> [String] {
        try await makeLedger()
        var applied: [String] = []
        for migration in pending where try await apply(migration) { applied.append(migration.name) }
        return applied
    }

    private func makeLedger() async throws(MigrationError) {
        let make = { () async throws(DatabaseError) in
            if try await !ledger.exists() { try await ledger.create() }
        }
        if session.dialect == .mySQL { try await atPlace(make) } else { try await lock.transaction(make) }
    }

    // MARK: One migration

    /// - Returns: whether it was applied here, and not by somebody else meanwhile.
    private func apply(_ migration: PlannedMigration) async throws(MigrationError) -> Bool {
        guard session.dialect != .mySQL else { return try await applyStepwise(migration) }
        // One that has begun is in the ledger already, and goes on where it stopped.
        if migration.isTransactional, migration.entry == nil { return try await applyAtOnce(migration) }
        return try await lock.holding { () async throws(MigrationError) in try await applyStepwise(migration) }
    }

    /// Applies it whole or not at all.
    private func applyAtOnce(_ migration: PlannedMigration) async throws(MigrationError) -> Bool {
        var line = 0
        do {
            return try await lock.transaction { () async throws(DatabaseError) in
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

    /// The ledger's entries by name.
    func entries() async throws(MigrationError) -> [String: MigrationLedger.Entry] {
        try await atPlace { () async throws(DatabaseError) in try await ledger.entries() }
    }

    /// Has the database's errors say where it is.
    func atPlace<Result>(
        _ body: () async throws(DatabaseError) -> Result
    ) async throws(MigrationError) -> Result {
        do { return try await body() } catch { throw MigrationError(at: place, error) }
    }
}
