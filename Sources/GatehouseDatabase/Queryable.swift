/// A database, or a transaction in one: whatever takes statements. A function for both takes `some Queryable`.
///
/// Rows are `Decodable`: a property's column is that of the same name, or of the name in snake case; a row of one
/// column can be a plain value. Or the types of the columns are named, and rows are tuples:
///
/// ```swift
/// let note = try await database.one("SELECT id, title FROM note WHERE id = \(id)", as: Note.self)
/// let (count, last) = try await database.one("SELECT count(*), max(id) FROM note", Int.self, Int?.self)
/// ```
///
/// Every function throws ``DatabaseError``. One that no handler takes becomes a response by itself: 404, 409, 503 or
/// 500.
public protocol Queryable {
    /// The place where statements go to. For the library's own use.
    var statementTarget: StatementTarget { get }
}

/// The place where a ``Queryable``'s statements go to.
public struct StatementTarget {
    enum Place {
        case database(Database)
        case transaction(Transaction)
    }

    let place: Place

    init(_ place: Place) { self.place = place }

    var dialect: Dialect {
        switch place {
        case .database(let database): database.source.dialect
        case .transaction(let transaction): transaction.dialect
        }
    }

    @usableFromInline
    func run(_ sql: SQL, into sink: (any RowSink)? = nil) async throws(DatabaseError) -> Changes {
        switch place {
        case .database(let database): try await database.run(sql, into: sink)
        case .transaction(let transaction): try await transaction.run(sql, into: sink)
        }
    }

    @inlinable
    func all<Reader: RowReader>(
        _ sql: SQL, _ reader: Reader, atMost: Int
    ) async throws(DatabaseError) -> [Reader.Row] {
        let sink = CollectingSink(reader, atMost: atMost)
        _ = try await run(sql, into: RowTaker { row throws(DatabaseError) in try sink.take(row) })
        return sink.rows
    }

    @inlinable
    func first<Reader: RowReader>(_ sql: SQL, _ reader: Reader) async throws(DatabaseError) -> Reader.Row? {
        let sink = FirstSink(reader)
        _ = try await run(sql, into: RowTaker { row throws(DatabaseError) in try sink.take(row) })
        return sink.row
    }

    @inlinable
    func one<Reader: RowReader>(_ sql: SQL, _ reader: Reader) async throws(DatabaseError) -> Reader.Row {
        guard let row = try await first(sql, reader) else { throw .notFound(sql) }
        return row
    }
}

extension Queryable {
    /// Reads all rows of a result. More than `atMost` are an error (`.tooManyRows`), so that a forgotten `LIMIT` costs
    /// one request and not the worker. ``rows(_:as:_:)`` takes any number.
    @inlinable
    public func all<Row: Decodable>(
        _ sql: SQL, as type: Row.Type = Row.self, atMost: Int = 10_000
    ) async throws(DatabaseError) -> [Row] {
        try await statementTarget.all(sql, DecodableReader(type), atMost: atMost)
    }

    /// Reads the first row of a result; `nil` if it has none.
    @inlinable
    public func first<Row: Decodable>(_ sql: SQL, as type: Row.Type = Row.self) async throws(DatabaseError) -> Row? {
        try await statementTarget.first(sql, DecodableReader(type))
    }

    /// Reads the first row of a result that must have one.
    /// - Throws: `.notFound`, which is a 404 if no handler takes it, if there is no row.
    @inlinable
    public func one<Row: Decodable>(_ sql: SQL, as type: Row.Type = Row.self) async throws(DatabaseError) -> Row {
        try await statementTarget.one(sql, DecodableReader(type))
    }

    /// Runs a statement whose rows nobody reads.
    /// - Returns: the number of rows that it changed, and the key that the database has made for the last one.
    @discardableResult
    public func execute(_ sql: SQL) async throws(DatabaseError) -> Changes {
        try await statementTarget.run(sql)
    }

    /// Inserts a value's properties into the columns of the same names in snake case. A property that is `nil` is left
    /// out, so that its column has its default. The table's name is quoted.
    @discardableResult
    public func insert<Row: Encodable>(_ row: Row, into table: String) async throws(DatabaseError) -> Changes {
        let target = statementTarget
        return try await target.run(SQL(inserting: row, into: table, for: target.dialect))
    }
}

extension Queryable {
    /// Reads all rows of a result, as values or tuples of columns in their order. More than `atMost` are an error
    /// (`.tooManyRows`).
    @inlinable
    public func all<First: ColumnValue, each Other: ColumnValue>(
        _ sql: SQL, _ first: First.Type, _ others: repeat (each Other).Type, atMost: Int = 10_000
    ) async throws(DatabaseError) -> [(First, repeat each Other)] {
        try await statementTarget.all(sql, ColumnsReader(first, repeat each others), atMost: atMost)
    }

    /// Reads the first row of a result, as a value or tuple of columns in their order; `nil` if it has none.
    @inlinable
    public func first<First: ColumnValue, each Other: ColumnValue>(
        _ sql: SQL, _ first: First.Type, _ others: repeat (each Other).Type
    ) async throws(DatabaseError) -> (First, repeat each Other)? {
        try await statementTarget.first(sql, ColumnsReader(first, repeat each others))
    }

    /// Reads the first row of a result that must have one, as a value or tuple of columns in their order.
    /// - Throws: `.notFound`, which is a 404 if no handler takes it, if there is no row.
    @inlinable
    public func one<First: ColumnValue, each Other: ColumnValue>(
        _ sql: SQL, _ first: First.Type, _ others: repeat (each Other).Type
    ) async throws(DatabaseError) -> (First, repeat each Other) {
        try await statementTarget.one(sql, ColumnsReader(first, repeat each others))
    }
}
