/// The names of a result's columns. One for each prepared statement, so that it is made once.
@usableFromInline
package final class ColumnNames: Sendable {
    @usableFromInline
    package let names: [String]
    private let indices: [String: Int]

    /// No columns.
    static let none = ColumnNames([])

    package init(_ names: [String]) {
        self.names = names
        indices = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    @usableFromInline
    package var count: Int { names.count }

    /// The first column of that name.
    package func index(of name: String) -> Int? { indices[name] }
}

/// One row of a result, in the back end's own memory. A back end's rows are one object, which stands for one after the
/// other; a class and no protocol, because nothing is asked for more often.
@usableFromInline
package class ResultRow {
    @usableFromInline
    package final var columns: ColumnNames
    /// The columns of the keys of the type that is being made.
    final var lookup = ColumnLookup()

    package init(columns: ColumnNames = .none) { self.columns = columns }

    /// The value of a column; `index` is below `columns.count`. Every back end has its own.
    @usableFromInline
    package func cell(_ index: Int) -> Cell { Cell(.null, .sqlite) }
}

/// The answer of a sink to a row.
@usableFromInline
@frozen
package enum RowDemand: Sendable {
    case more
    /// No row until `Connection.resume()`.
    case pause
    /// No row at all: the statement is given up, and its end is not an error.
    case stop
}

/// Takes the rows of one statement. Called on the connection's loop, or on the thread of an SQLite connection, never by
/// two threads at a time; hence conforming classes are unchecked.
@usableFromInline
package protocol RowSink: AnyObject, Sendable {
    /// - Throws: an error that ends the statement, as if the server had sent it.
    func take(_ row: ResultRow) throws(DatabaseError) -> RowDemand

    /// Takes the end of a statement of a batch, after its last row and before the batch commits.
    /// - Throws: an error that undoes the batch.
    func end() throws(DatabaseError)
}

extension RowSink {
    @usableFromInline
    package func end() throws(DatabaseError) {}
}
