import GatehousePlan
import GatehouseSystem

/// The migrations of a module beside what the ledger knows of them.
struct MigrationPlan {
    let migrations: [PlannedMigration]
    /// Migrations that only the database has, by name: the module is an older one.
    let newer: [(name: String, entry: MigrationLedger.Entry)]

    /// - Throws: if two migrations have the same name, or one makes no sense for this dialect.
    init(
        of list: [Migration], in module: String, for dialect: Dialect, _ entries: [String: MigrationLedger.Entry]
    ) throws(MigrationError) {
        var names: Set<String> = []
        migrations = try list.map { migration throws(MigrationError) in
            guard names.insert(migration.name).inserted else {
                throw MigrationError("there are two migrations named \(migration.name): give one another name")
            }
            return try PlannedMigration(migration, of: module, for: dialect, entry: entries[migration.name])
        }
        newer = entries.filter { !names.contains($0.key) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The first reason why the migrations cannot be applied.
    var obstacle: String? { migrations.lazy.compactMap(\.obstacle).first }

    /// Those that are to be applied, as a whole or in part.
    var pending: [PlannedMigration] { migrations.filter(\.isPending) }
}

/// A migration as it is for one dialect, and what the ledger knows of it.
struct PlannedMigration {
    let name: String
    let work: Work
    var entry: MigrationLedger.Entry?
    private let advice: LedgerAdvice

    enum Work {
        case statements([StatementSplitter.Statement], of: MigrationFile)
        case code(@Sendable (Transaction) async throws -> Void, isTransactional: Bool)
    }

    /// - Throws: if there is no file for this dialect, or a file that no transaction can hold.
    init(
        _ migration: Migration, of module: String, for dialect: Dialect, entry: MigrationLedger.Entry?
    ) throws(MigrationError) {
        advice = LedgerAdvice(module: module, migration: migration.name)
        name = migration.name
        self.entry = entry
        guard !name.isEmpty, name.utf8.count <= 150 else {
            throw MigrationError("the migration \"\(name)\": a name has from 1 to 150 bytes")
        }
        switch migration.work {
        case .code(let up, let isTransactional): work = .code(up, isTransactional: isTransactional)
        case .files(let files):
            guard let file = files[dialect] ?? files[nil] else {
                let folder = files.values.first.map { Paths.folder(of: $0.path) } ?? ""
                throw MigrationError(
                    "\(folder): the migration \(name) has no file for this database: add "
                        + "\(name).\(dialect.rawValue.lowercased()).sql (empty if it has nothing to do), or "
                        + "\(name).sql for all, and build the module again")
            }
            let statements = StatementSplitter.statements(of: file.text, for: dialect)
            if let foreign = statements.first(where: { Self.transactionVerbs.contains($0.verb) }) {
                throw MigrationError(
                    "\(file.path):\(foreign.line): \(foreign.verb) does not belong into a migration, which has its own "
                        + "transaction: remove it")
            }
            work = .statements(statements, of: file)
        }
    }

    private static let transactionVerbs: Set = ["BEGIN", "START", "COMMIT", "ROLLBACK", "END", "ABORT", "SAVEPOINT"]

    var isTransactional: Bool {
        switch work {
        case .statements(_, let file): file.isTransactional
        case .code(_, let isTransactional): isTransactional
        }
    }

    /// Tells this content from another one. Code has none that could be compared.
    var checksum: String { checksum(ofFirst: .max) }

    func checksum(ofFirst count: Int) -> String {
        switch work {
        case .statements(let statements, _): MigrationFile.checksum(statements.prefix(count).map(\.text))
        case .code: "code"
        }
    }

    var state: MigrationReport.State {
        guard let entry else { return .pending }
        if entry.applied == nil { return entry.done == 0 && !entry.isRunning ? .pending : .partial }
        return entry.checksum == checksum ? .applied : .changed
    }

    /// Whether it is still to be applied, as a whole or in part.
    var isPending: Bool { state == .pending || state == .partial }

    /// Says why the migration cannot be applied; `nil` if it can, or was.
    var obstacle: String? {
        guard let entry else { return nil }
        switch state {
        case .changed:
            return "\(place) was applied at \(entry.applied ?? "") UTC with another content: restore it, and put the "
                + "change into a new migration"
        case .partial where entry.isRunning:
            guard case .statements = work else {
                return
                    "\(place) broke off, and nobody knows what its code had changed: look, and then, if it is to run "
                    + "again, \(advice.forget), and if not, \(advice.finish)"
            }
            return "\(place) broke off while statement \(entry.done + 1) ran, and nobody knows whether that was "
                + "carried out: look, and then say how many statements are done: "
                + advice.resume(done: entry.done)
        case .partial where entry.checksum != checksum(ofFirst: entry.done):
            return "\(place): the first \(entry.done) statements are applied already, and are not the same any more: "
                + "restore them, and change only what follows"
        case .applied, .pending, .partial, .unknown: return nil
        }
    }

    /// The file, or the name of a step of code.
    var place: String {
        switch work {
        case .statements(_, let file): file.path
        case .code: "the migration \(name)"
        }
    }

    func report(database: String) -> MigrationReport {
        var report = MigrationReport(database: database, name: name, state: state)
        report.applied = entry?.applied
        report.obstacle = obstacle
        return report
    }

    /// The SQL that applying it would run; `nil` if it is code.
    var pendingSQL: String? {
        guard case .statements(let statements, _) = work else { return nil }
        return statements.dropFirst(entry?.done ?? 0).map { $0.text + ";\n" }.joined()
    }
}
