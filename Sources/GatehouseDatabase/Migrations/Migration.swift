/// One step of a database's schema, which each database takes once.
///
/// Steps go forward only. One that was applied is never changed; what was wrong with it is mended by another one.
///
/// ```swift
/// try await database.migrate(.files(in: context.resourceFolder + "/migrations"))
/// ```
public struct Migration: Sendable {
    /// The name by which the database remembers the step: that of its file, or the one that was given.
    public let name: String

    /// The work of a step.
    enum Work: Sendable {
        /// SQL for each dialect that has a text of its own, and for all others.
        case files([Dialect?: MigrationFile])
        case code(@Sendable (Transaction) async throws -> Void, isTransactional: Bool)
    }

    let work: Work

    init(name: String, work: Work) {
        self.name = name
        self.work = work
    }

    /// Makes a step of code.
    /// - Parameters:
    ///   - name: remembered by the database, so it never changes: `002_fill_slugs`. At most 150 characters.
    ///   - transactional: whether `up` runs in a transaction. `false` for what PostgreSQL refuses in one, as `CREATE
    ///     INDEX CONCURRENTLY`. MySQL ends a transaction at each change of the schema, so there it is none in any case.
    ///   - up: makes the change.
    public init(
        _ name: String, transactional: Bool = true, _ up: @escaping @Sendable (Transaction) async throws -> Void
    ) {
        self.init(name: name, work: .code(up, isTransactional: transactional))
    }
}

extension [Migration] {
    /// The steps in the SQL files of a folder, in the order of the numbers that their names begin with:
    /// `001_notes.sql`, `002_tags.sql`.
    ///
    /// A file has any number of statements. If a dialect needs other words, it has a file of its own beside the common
    /// one, or in place of it: `001_notes.postgresql.sql`, `001_notes.mysql.sql`, `001_notes.sqlite.sql`. A step runs
    /// in one transaction, on PostgreSQL and SQLite; a first line `-- gatehouse: no transaction` runs each statement by
    /// itself.
    /// - Throws: ``MigrationError`` for a folder or file that cannot be read, a name without a number, and two steps
    ///   with the same number.
    public static func files(in folder: String) throws(MigrationError) -> [Migration] {
        try MigrationFolder(path: folder).migrations()
    }
}

/// An error of a migration. It says which step failed, at which line, why, and the state that the database is in.
public struct MigrationError: Error, Sendable, CustomStringConvertible {
    /// The message, complete.
    public let description: String

    /// The database's error, if one was the reason.
    public let reason: DatabaseError?

    init(_ description: String, reason: DatabaseError? = nil) {
        self.description = description
        self.reason = reason
    }

    /// The database's own error, which may name its place already.
    init(at place: String, _ reason: DatabaseError) {
        let text = "\(reason)"
        self.init(text.hasPrefix(place) ? text : "\(place): \(text)", reason: reason)
    }
}
