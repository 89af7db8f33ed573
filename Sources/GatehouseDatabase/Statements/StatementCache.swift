/// A prepared statement that a ``StatementCache`` holds.
protocol CachedStatement: AnyObject {
    /// The cache's count of uses at the statement's last one. Only the cache changes it.
    var lastUse: UInt64 { get set }
}

/// The prepared statements of one connection, by their neutral text.
struct StatementCache<Statement: CachedStatement> {
    private var statements: [StatementText: Statement] = [:]
    private var uses: UInt64 = 0

    var count: Int { statements.count }

    /// Finds a statement and notes that it is used.
    mutating func use(_ text: StatementText) -> Statement? {
        guard let statement = statements[text] else { return nil }
        note(statement)
        return statement
    }

    /// Adds a statement that is used now.
    mutating func insert(_ statement: Statement, for text: StatementText) {
        note(statement)
        statements[text] = statement
    }

    private mutating func note(_ statement: Statement) {
        uses += 1
        statement.lastUse = uses
    }

    mutating func remove(_ text: StatementText) -> Statement? { statements.removeValue(forKey: text) }

    /// Takes out the statement that was not used for the longest time.
    mutating func removeOldest() -> (text: StatementText, statement: Statement)? {
        guard let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return nil }
        statements[oldest.key] = nil
        return (oldest.key, oldest.value)
    }

    mutating func removeAll() -> [Statement] {
        defer { statements = [:] }
        return Array(statements.values)
    }
}
