// The same as the functions for several columns, which the compiler cannot see to give plain values for one: without
// these, `try await database.one("SELECT count(*) FROM note", Int.self) == 1` does not compile.

extension Queryable {
    /// Reads all rows of a result of one column, as values. More than `atMost` are an error (`.tooManyRows`).
    @inlinable
    public func all<Column: ColumnValue>(
        _ sql: SQL, _ column: Column.Type, atMost: Int = 10_000
    ) async throws(DatabaseError) -> [Column] {
        try await statementTarget.all(sql, ColumnsReader(column), atMost: atMost)
    }

    /// Reads the first row of a result of one column, as a value; `nil` if it has none.
    @inlinable
    public func first<Column: ColumnValue>(
        _ sql: SQL, _ column: Column.Type
    ) async throws(DatabaseError) -> Column? {
        try await statementTarget.first(sql, ColumnsReader(column))
    }

    /// Reads the first row of a result of one column that must have one, as a value.
    /// - Throws: `.notFound`, which is a 404 if no handler takes it, if there is no row.
    @inlinable
    public func one<Column: ColumnValue>(
        _ sql: SQL, _ column: Column.Type
    ) async throws(DatabaseError) -> Column {
        try await statementTarget.one(sql, ColumnsReader(column))
    }
}
