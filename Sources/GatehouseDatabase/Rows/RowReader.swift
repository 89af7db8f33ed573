/// Makes one value of each row of one statement. Not for two threads at a time.
@usableFromInline
package protocol RowReader {
    associatedtype Row

    /// - Throws: `.data` if a column cannot be read, `.usage` if there are more or fewer columns than the type needs.
    func read(_ row: ResultRow) throws(DatabaseError) -> Row
}

/// Reads rows as tuples of column values, in the order of the columns.
@usableFromInline
package struct ColumnsReader<each Value: ColumnValue>: RowReader {
    @usableFromInline
    package typealias Row = (repeat each Value)

    @usableFromInline
    let count: Int

    @inlinable
    package init(_ types: repeat (each Value).Type) {
        var count = 0
        for _ in repeat each types { count += 1 }
        self.count = count
    }

    @inlinable
    package func read(_ row: ResultRow) throws(DatabaseError) -> (repeat each Value) {
        guard row.columns.count == count else { throw otherCount(row.columns.count) }
        var next = 0
        return (repeat try Self.value((each Value).self, row, &next))
    }

    @inlinable
    @inline(__always)
    static func value<One: ColumnValue>(
        _ type: One.Type, _ row: ResultRow, _ next: inout Int
    ) throws(DatabaseError) -> One {
        let index = next
        next += 1
        do {
            return try One(row.cell(index))
        } catch {
            throw DatabaseError(error, column: row.columns.names[index], One.self)
        }
    }

    @usableFromInline
    func otherCount(_ columns: Int) -> DatabaseError {
        DatabaseError(.usage, "the result has \(columns) columns, and \(count) types are given for them")
    }
}

extension DatabaseError {
    /// The error of one column: its name and the type, and never the value.
    @usableFromInline
    init<Value>(_ error: CellError, column: String, _ type: Value.Type) {
        let hint = error == .isNull ? ", and \(Value.self) is not optional" : ", to be read as \(Value.self)"
        self.init(.data, "column \"\(column)\" \(error.description)\(hint)")
    }
}
