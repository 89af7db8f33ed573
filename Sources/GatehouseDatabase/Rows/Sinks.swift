/// Keeps every row of a result, up to a number.
@usableFromInline
package final class CollectingSink<Reader: RowReader>: RowSink, @unchecked Sendable {
    @usableFromInline
    let reader: Reader
    @usableFromInline
    let limit: Int
    @usableFromInline
    package internal(set) var rows: [Reader.Row] = []

    /// - Parameter limit: one row more is an error.
    @inlinable
    package init(_ reader: Reader, atMost limit: Int) {
        self.reader = reader
        self.limit = limit
    }

    @inlinable
    package func take(_ row: ResultRow) throws(DatabaseError) -> RowDemand {
        guard rows.count < limit else {
            throw DatabaseError(
                .tooManyRows,
                "the result has more than \(limit) rows: add LIMIT, raise atMost, or read them one by one with rows(_:)"
            )
        }
        rows.append(try reader.read(row))
        return .more
    }
}

/// Keeps the first row of a result.
@usableFromInline
package final class FirstSink<Reader: RowReader>: RowSink, @unchecked Sendable {
    /// Giving a statement up may cost its connection, which is worth more than reading a few rows over it.
    @inlinable
    static var mostDroppedRows: Int { 1_000 }

    @usableFromInline
    let reader: Reader
    @usableFromInline
    let stops: Bool
    @usableFromInline
    let mustHaveRow: Bool
    @usableFromInline
    var dropped = 0
    @usableFromInline
    package internal(set) var row: Reader.Row?

    /// - Parameters:
    ///   - stops: whether a long result is given up. Not in a batch, whose other statements would end with it.
    ///   - mustHaveRow: whether no row is an error of a batch.
    @inlinable
    package init(_ reader: Reader, stops: Bool = true, mustHaveRow: Bool = false) {
        self.reader = reader
        self.stops = stops
        self.mustHaveRow = mustHaveRow
    }

    @usableFromInline
    package func end() throws(DatabaseError) {
        if mustHaveRow, row == nil { throw .notFound(nil) }
    }

    @inlinable
    package func take(_ row: ResultRow) throws(DatabaseError) -> RowDemand {
        if self.row == nil {
            self.row = try reader.read(row)
            return .more
        }
        guard stops else { return .more }
        dropped += 1
        return dropped < Self.mostDroppedRows ? .more : .stop
    }
}

/// Takes rows by a closure that is compiled where the type of the rows is known. A generic sink's own conformance is
/// compiled once for all types, and looks its types up for each row.
@usableFromInline
package final class RowTaker: RowSink, @unchecked Sendable {
    private let taking: (ResultRow) throws(DatabaseError) -> RowDemand

    @usableFromInline
    init(_ taking: @escaping (ResultRow) throws(DatabaseError) -> RowDemand) {
        self.taking = taking
    }

    @usableFromInline
    package func take(_ row: ResultRow) throws(DatabaseError) -> RowDemand { try taking(row) }
}
