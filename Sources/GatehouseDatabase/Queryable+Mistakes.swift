// Calls that are wrong, for a message of the compiler that says why: without these it has none but "failed to produce
// diagnostic for expression". Nothing calls them: a call that is right prefers the functions that are available.

extension Queryable {
    /// A call whose type of rows nothing tells: write `as: Note.self`, or the columns' types.
    @available(*, unavailable, message: "name the type of the rows: as: Note.self, or Int.self for a column")
    public func all(_ sql: SQL) async throws(DatabaseError) { throw .usage("the rows have no type") }

    /// A call whose type of rows nothing tells: write `as: Note.self`, or the columns' types.
    @available(*, unavailable, message: "name the type of the row: as: Note.self, or Int.self for a column")
    public func first(_ sql: SQL) async throws(DatabaseError) { throw .usage("the row has no type") }

    /// A call whose type of rows nothing tells: write `as: Note.self`, or the columns' types.
    @available(*, unavailable, message: "name the type of the row: as: Note.self, or Int.self for a column")
    public func one(_ sql: SQL) async throws(DatabaseError) { throw .usage("the row has no type") }

    /// A call with a column's type that is no ``ColumnValue``.
    @available(*, unavailable, message: "each column's type is a ColumnValue: enum Color: String, ColumnValue")
    public func all<First, each Other>(
        _ sql: SQL, _ first: First.Type, _ others: repeat (each Other).Type, atMost: Int = 10_000
    ) async throws(DatabaseError) -> [(First, repeat each Other)] { throw .usage("a column's type is no ColumnValue") }

    /// A call with a column's type that is no ``ColumnValue``.
    @available(*, unavailable, message: "each column's type is a ColumnValue: enum Color: String, ColumnValue")
    public func first<First, each Other>(
        _ sql: SQL, _ first: First.Type, _ others: repeat (each Other).Type
    ) async throws(DatabaseError) -> (First, repeat each Other)? { throw .usage("a column's type is no ColumnValue") }

    /// A call with a column's type that is no ``ColumnValue``.
    @available(*, unavailable, message: "each column's type is a ColumnValue: enum Color: String, ColumnValue")
    public func one<First, each Other>(
        _ sql: SQL, _ first: First.Type, _ others: repeat (each Other).Type
    ) async throws(DatabaseError) -> (First, repeat each Other) { throw .usage("a column's type is no ColumnValue") }
}
