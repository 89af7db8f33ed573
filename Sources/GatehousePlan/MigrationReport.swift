/// An order to a worker that loads one module, migrates its databases and ends.
public enum MigrationOrder: String, Codable, Sendable {
    /// Apply what is pending.
    case apply
    /// Say what is applied and what is pending.
    case status
    /// Say what `apply` would run.
    case dryRun
}

/// One migration, as `gatehouse migrate` prints it.
public struct MigrationReport: Codable, Sendable, Equatable {
    /// The relation of a migration to its database.
    public enum State: String, Codable, Sendable {
        case applied
        case pending
        /// Some of its statements are applied, on a database that cannot roll back a change of its schema.
        case partial
        /// It was applied, and its file has another content now.
        case changed
        /// The database has it, and the module does not: the module is older.
        case unknown
    }

    /// The database, without a password.
    public var database: String
    public var name: String
    public var state: State
    /// The time in UTC.
    public var applied: String?
    /// The reason why it cannot be applied, and the remedy.
    public var obstacle: String?
    /// A piece of the SQL that applying it would run, after a report without any.
    public var sql: String?
    /// Whether it was applied just now.
    public var isNew = false

    public init(database: String, name: String, state: State) {
        self.database = database
        self.name = name
        self.state = state
    }
}
