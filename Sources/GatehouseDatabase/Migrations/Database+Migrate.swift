import Gatehouse
import GatehousePlan
import Logging

/// The moment at which a module's pending migrations are applied.
public enum MigrationTime: Sendable {
    /// In the module's `init`: the first worker of a new generation applies them, the others wait.
    case atStart
    /// By `gatehouse migrate`: a worker that finds one pending does not start.
    case byCommand
}

extension Database {
    /// Brings the schema up to date. Called in the module's `init`, before anything that uses the tables.
    ///
    /// Each migration is applied once, under a lock, and remembered in the table `gatehouse_migration`. One that was
    /// changed afterwards is an error. Migrations of a newer module are left alone, so that an older module can be
    /// started again.
    ///
    /// `gatehouse migrate --module NAME` runs the same by itself, `--status` lists, and `--dry-run` prints the SQL.
    /// - Parameters:
    ///   - migrations: all steps, in their order.
    ///   - time: the moment at which pending ones are applied.
    /// - Throws: ``MigrationError``. On PostgreSQL and SQLite nothing of the failed migration is applied; on MySQL,
    ///   which cannot roll back a change of the schema, the error lists what is.
    public func migrate(_ migrations: [Migration], _ time: MigrationTime = .atStart) async throws(MigrationError) {
        let connection: any Connection
        do { connection = try await source.acquire(for: .migration) } catch {
            throw MigrationError(at: place, error)
        }
        defer { source.release(connection) }
        let session = MigrationSession(connection: connection, dialect: source.dialect)
        let migrator = Migrator(
            session: session, ledger: MigrationLedger(session: session, module: context.name),
            lock: MigrationLock(
                session: session, place: place, lockTimeout: settings.lockTimeout.milliseconds), place: place,
            logger: logger, transaction: { Transaction(adopting: $0, of: self) })
        if let task = context.migrationTask { return try await run(task, migrations, migrator) }
        switch time {
        case .atStart: try await migrator.apply(migrations)
        case .byCommand: try await refusePending(migrator.plan(migrations))
        }
    }

    /// Does what `gatehouse migrate` was asked to do.
    private func run(
        _ task: MigrationTask, _ migrations: [Migration], _ migrator: Migrator
    ) async throws(MigrationError) {
        var applied: Set<String> = []
        if task.order == .apply { applied = Set(try await migrator.apply(migrations)) }
        let plan = try await migrator.plan(migrations)
        for migration in plan.migrations {
            var report = migration.report(database: place)
            report.isNew = applied.contains(migration.name)
            task.report(report)
            guard task.order == .dryRun, migration.isPending else { continue }
            for piece in Self.pieces(of: migration.pendingSQL ?? "-- code of the module\n") {
                report.sql = piece
                task.report(report)
            }
        }
        for (name, entry) in plan.newer {
            var report = MigrationReport(database: place, name: name, state: .unknown)
            report.applied = entry.applied
            task.report(report)
        }
    }

    /// Cuts a text so that each piece is a report of reasonable size.
    private static func pieces(of text: String) -> [String] {
        var pieces: [String] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(4_096)))
            rest = rest.dropFirst(4_096)
        }
        return pieces
    }

    private func refusePending(_ plan: MigrationPlan) throws(MigrationError) {
        if let obstacle = plan.obstacle { throw MigrationError("\(place): \(obstacle)") }
        guard !plan.pending.isEmpty else { return }
        throw MigrationError(
            "\(place): pending migrations: \(plan.pending.map(\.name).joined(separator: ", ")): run gatehouse migrate "
                + "--config FILE --module \(context.name)")
    }
}
