/// The rows of a statement, one by one: see ``Queryable/rows(_:as:_:)``.
///
/// Some hundred rows are read ahead; then the server waits until they are taken. It belongs to the closure that it is
/// given to, and to one task.
public struct Rows<Row>: AsyncSequence {
    /// Errors are the database's.
    public typealias Failure = DatabaseError

    let nextRow: () async throws(DatabaseError) -> Row?

    /// Goes on with the next row that nobody has taken: two iterators share the rows.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(nextRow: nextRow) }

    /// The way through the rows.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let nextRow: () async throws(DatabaseError) -> Row?

        /// The next row; `nil` after the last one.
        /// - Throws: the statement's error, and `.data` if a row cannot be read.
        public mutating func next() async throws(DatabaseError) -> Row? { try await nextRow() }

        /// The next row; `nil` after the last one.
        /// - Throws: the statement's error, and `.data` if a row cannot be read.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(DatabaseError) -> Row? {
            try await nextRow()
        }
    }
}

extension Queryable {
    /// Reads any number of rows, one by one.
    ///
    /// ```swift
    /// try await database.rows("SELECT id, title FROM note ORDER BY id", as: Note.self) { @concurrent notes in
    ///     for try await note in notes { try await writer.write(line(note)) }
    /// }
    /// ```
    ///
    /// `@concurrent` is for a response's writer, whose functions are; without one, `{ notes in … }` does.
    ///
    /// It holds one of the few connections until `body` ends. A `body` that leaves early ends the statement; inside a
    /// transaction the rest of the rows is read and thrown away, for a second at most, so add a `LIMIT` there. The
    /// settings' `statement-timeout` is for the whole of it.
    /// - Returns: the result of `body`.
    /// - Throws: a ``DatabaseError``, or the error of `body`.
    @discardableResult
    public func rows<Row: Decodable, Result>(
        _ sql: SQL, as type: Row.Type = Row.self, _ body: (Rows<Row>) async throws -> Result
    ) async throws -> Result {
        try await statementTarget.rows(sql, DecodableReader(type), body)
    }

    /// Reads any number of rows, one by one, as values or tuples of columns in their order.
    @discardableResult
    public func rows<First: ColumnValue, each Other: ColumnValue, Result>(
        _ sql: SQL, _ first: First.Type, _ others: repeat (each Other).Type,
        reading body: (Rows<(First, repeat each Other)>) async throws -> Result
    ) async throws -> Result {
        try await statementTarget.rows(sql, ColumnsReader(first, repeat each others), body)
    }
}

extension StatementTarget {
    func rows<Reader: RowReader, Result>(
        _ sql: SQL, _ reader: Reader, _ body: (Rows<Reader.Row>) async throws -> Result
    ) async throws -> Result {
        switch place {
        case .database(let database): try await database.rows(sql, reader, body)
        case .transaction(let transaction): try await transaction.rows(sql, reader, body)
        }
    }
}

extension Database {
    fileprivate func rows<Reader: RowReader, Result>(
        _ sql: SQL, _ reader: Reader, _ body: (Rows<Reader.Row>) async throws -> Result
    ) async throws -> Result {
        try refuseWhileHeld(sql)
        let observation = observers.areThere ? Observation(of: sql, isInTransaction: false) : nil
        let (stream, connection) = try await begin(sql, reader, observation)
        let held = HeldConnection(of: self, isStream: true)
        defer {
            held.end()
            stream.stop { [self] in source.release(connection) }
            if let observation { observers.tell(observation.event(rows: stream.taken, nil)) }
        }
        return try await HeldConnection.$current.withValue(held) {
            try await stream.withCancellation { try await body(Rows(nextRow: stream.nextRow)) }
        }
    }

    /// Begins a stream. If its connection was lost without our knowing, it takes another one: nothing was sent.
    private func begin<Reader: RowReader>(
        _ sql: SQL, _ reader: Reader, _ observation: Observation?
    ) async throws(DatabaseError) -> (RowStream<Reader>, any Connection) {
        var attempts = 0
        while true {
            let connection = try await source.acquire(for: .read)
            observation?.start.markNow()
            let stream = RowStream(sql, on: connection, reader)
            do {
                try await stream.begin(expecting: nil)
                return (stream, connection)
            } catch {
                stream.stop { [self] in source.release(connection) }
                attempts += 1
                guard error.kind == .connectionLost(sent: false), attempts <= settings.connections else {
                    if let observation { observers.tell(observation.event(rows: 0, error.kind)) }
                    throw error
                }
            }
        }
    }
}

extension Transaction {
    fileprivate func rows<Reader: RowReader, Result>(
        _ sql: SQL, _ reader: Reader, _ body: (Rows<Reader.Row>) async throws -> Result
    ) async throws -> Result {
        try refuseAfterEnd(sql)
        return try await session.rows(sql, reader, body)
    }
}
