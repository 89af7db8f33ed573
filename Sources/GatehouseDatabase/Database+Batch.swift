/// One statement of a batch, with the type of its result: see ``Database/batch(_:)``.
public struct Query<Result> {
    let sql: SQL
    /// The sink of the rows, and the result when they are there.
    let makeSink: () -> (sink: (any RowSink)?, result: (Changes) throws(DatabaseError) -> Result)

    init(
        _ sql: SQL,
        _ makeSink: @escaping () -> (sink: (any RowSink)?, result: (Changes) throws(DatabaseError) -> Result)
    ) {
        self.sql = sql
        self.makeSink = makeSink
    }
}

extension Query {
    /// Reads all rows: see ``Queryable/all(_:as:atMost:)``.
    public static func all<Row: Decodable>(
        _ sql: SQL, as type: Row.Type = Row.self, atMost: Int = 10_000
    ) -> Query<[Row]> where Result == [Row] {
        Query(sql) {
            let sink = CollectingSink(DecodableReader(type), atMost: atMost)
            return (sink, { _ in sink.rows })
        }
    }

    /// Reads the first row: see ``Queryable/first(_:as:)``.
    public static func first<Row: Decodable>(
        _ sql: SQL, as type: Row.Type = Row.self
    ) -> Query<Row?> where Result == Row? {
        Query(sql) {
            let sink = FirstSink(DecodableReader(type), stops: false)
            return (sink, { _ in sink.row })
        }
    }

    /// Reads a row that must be there: see ``Queryable/one(_:as:)``. If it is not, nothing of the batch is carried out.
    public static func one(_ sql: SQL, as type: Result.Type = Result.self) -> Query where Result: Decodable {
        Query(sql) {
            let sink = FirstSink(DecodableReader(type), stops: false, mustHaveRow: true)
            return (
                sink,
                { (_) throws(DatabaseError) in
                    guard let row = sink.row else { throw .notFound(sql) }
                    return row
                }
            )
        }
    }
}

extension Query where Result == Changes {
    /// Runs a statement whose rows nobody reads.
    public static func execute(_ sql: SQL) -> Query {
        Query(sql) { (nil, { $0 }) }
    }
}

/// The statements of a batch, and their outcomes in turn. A type of its own, because the compiler's cross-module
/// optimization (Swift 6.3) does not survive local functions in a function with a parameter pack.
private struct Batch {
    var statements: [BatchStatement] = []
    var changes: [Changes] = []
    private var index = 0

    mutating func add<Result>(_ query: Query<Result>) -> (Changes) throws(DatabaseError) -> Result {
        let (sink, result) = query.makeSink()
        statements.append(BatchStatement(query.sql, into: sink))
        return result
    }

    mutating func next<Result>(_ result: (Changes) throws(DatabaseError) -> Result) throws(DatabaseError) -> Result {
        guard index < changes.count else {
            throw DatabaseError(.other, "the batch has fewer results than statements")
        }
        index += 1
        return try result(changes[index - 1])
    }
}

extension Database {
    /// Runs several statements in one transaction and, on PostgreSQL, in one round trip.
    ///
    /// ```swift
    /// let (note, tags) = try await database.batch(
    ///     Query.one("SELECT id, title FROM note WHERE id = \(id)", as: Note.self),
    ///     Query.all("SELECT name FROM tag WHERE note = \(id)", as: String.self))
    /// ```
    ///
    /// All of them are carried out or none. The first error ends the batch.
    ///
    /// A result that cannot be read, has more rows than `atMost`, or has none for ``Query/one(_:as:)`` is such an
    /// error. So PostgreSQL needs a second round trip for a batch that has both results to read and a statement that
    /// begins with another word than `SELECT`, `VALUES`, `TABLE`, `SHOW` or a reading `WITH`: it commits after the
    /// results have been read.
    @discardableResult
    public func batch<each Result>(
        _ queries: repeat Query<each Result>
    ) async throws(DatabaseError) -> (repeat each Result) {
        try refuseWhileHeld(nil)
        var batch = Batch()
        let results = (repeat batch.add(each queries))
        batch.changes = try await changes(of: batch.statements)
        return (repeat try batch.next(each results))
    }

    private func changes(of statements: [BatchStatement]) async throws(DatabaseError) -> [Changes] {
        guard observers.areThere else { return try await source.run(batch: statements) }
        let observations = statements.map { Observation(of: $0.sql, isInTransaction: true) }
        do {
            let changes = try await source.run(batch: statements)
            for (observation, changes) in zip(observations, changes) {
                observers.tell(observation.event(rows: changes.rows, nil))
            }
            return changes
        } catch {
            for observation in observations { observers.tell(observation.event(rows: 0, error.kind)) }
            throw error
        }
    }
}
