import GatehouseServer

/// One connection that migrations have for themselves, for as long as they run.
struct MigrationSession {
    let connection: any Connection
    let dialect: Dialect

    @discardableResult
    func run(_ sql: SQL) async throws(DatabaseError) -> Changes {
        try await connection.perform(sql, into: nil)
    }

    /// The rows of a statement, each value in its text form.
    func rows(_ sql: SQL) async throws(DatabaseError) -> [[String?]] {
        let sink = CollectingSink(TextsReader(), atMost: .max)
        _ = try await connection.perform(sql, into: sink)
        return sink.rows
    }

    /// Begins a transaction; on SQLite one that writes.
    func begin() async throws(DatabaseError) {
        for statement in TransactionSQL.begin(.standard, dialect) { try await run(statement) }
    }

    func commit() async throws(DatabaseError) {
        try await run(TransactionSQL.commit)
        guard connection.state == .idle else {
            throw DatabaseError(.other, "the database has not committed the transaction")
        }
    }

    /// Rolls back. If that fails, the connection is closed when it is given back, which rolls back too.
    func rollBack() async {
        _ = try? await run(TransactionSQL.rollBack)
    }
}

/// Reads any columns as texts.
private struct TextsReader: RowReader {
    func read(_ row: ResultRow) throws(DatabaseError) -> [String?] {
        var texts: [String?] = []
        for index in 0..<row.columns.count {
            do {
                texts.append(try String?(row.cell(index)))
            } catch {
                throw DatabaseError(error, column: row.columns.names[index], String.self)
            }
        }
        return texts
    }
}
