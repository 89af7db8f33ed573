/// The outcome of a statement.
public struct Changes: Sendable, Equatable {
    /// The rows that were inserted, changed, deleted or returned.
    public var rows: Int
    /// The key that the database made for the last inserted row (MySQL, SQLite). PostgreSQL says it by `RETURNING`.
    public var lastID: Int64?

    /// Makes an outcome.
    public init(rows: Int = 0, lastID: Int64? = nil) {
        self.rows = rows
        self.lastID = lastID
    }
}
