import Logging

/// Migrations that no transaction can hold: on MySQL all, elsewhere those that say so.
extension Migrator {
    /// Applies one statement after the other, and writes down how far it has come.
    func applyStepwise(_ migration: PlannedMigration) async throws(MigrationError) -> Bool {
        var current = migration
        current.entry = try await entries()[migration.name]
        if current.entry?.applied != nil { return false }
        if let obstacle = current.obstacle { throw MigrationError("\(place): \(obstacle)") }
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

    func finished(_ migration: PlannedMigration) -> MigrationLedger.Entry {
        var done = 1
        if case .statements(let statements, _) = migration.work { done = statements.count }
        return MigrationLedger.Entry(
            checksum: migration.checksum, done: done, isRunning: false, applied: MigrationLedger.now())
    }

    private func note(
        _ entry: MigrationLedger.Entry, _ migration: PlannedMigration, _ isNew: Bool
    ) async throws(MigrationError) {
        try await atPlace { () async throws(DatabaseError) in
            try await ledger.put(entry, for: migration.name, isNew: isNew)
        }
    }

    /// Says exactly what is applied after a statement, or a step of code, has failed.
    private func failure(
        _ reason: DatabaseError, _ migration: PlannedMigration, _ entry: MigrationLedger.Entry, line: Int, of total: Int
    ) async -> MigrationError {
        var text = "\(place): \(migration.place)\(line > 0 ? ":\(line)" : ""): \(reason); "
        guard case .statements(let statements, _) = migration.work else {
            text += "what its code had changed before is not rolled back: mend it by hand, and then, if the code is to "
            let advice = LedgerAdvice(module: ledger.module, migration: migration.name)
            text += "run again, \(advice.forget), and if not, \(advice.finish)"
            return MigrationError(text, reason: reason)
        }
        if reason.kind == .connectionLost(sent: true) || reason.kind == .cancelled {
            text += "nobody knows whether statement \(entry.done + 1) of \(total) was carried out"
        } else {
            var stopped = entry
            stopped.isRunning = false
            // If this fails too, the ledger says that a statement was begun, which is true.
            try? await ledger.put(stopped, for: migration.name, isNew: false)
            text += "statement \(entry.done + 1) of \(total) is not applied"
        }
        guard entry.done > 0 else { return MigrationError(text + ", and none before it", reason: reason) }
        text += "; applied, and not rolled back, are: "
        text += statements.prefix(entry.done).map(Self.short).joined(separator: "; ")
        text += ": mend the file from line \(line) on, and migrate again, which goes on there"
        return MigrationError(text, reason: reason)
    }

    private static func short(_ statement: StatementSplitter.Statement) -> String {
        let words = statement.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count > 60 ? "\(words.prefix(57))..." : words
    }
}
