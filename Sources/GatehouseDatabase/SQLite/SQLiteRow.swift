import CGatehouseDatabase

/// The row at which a statement stands. One object serves all rows of a statement.
final class SQLiteRow: ResultRow {
    private var statement: OpaquePointer?

    convenience init(columns: ColumnNames, statement: OpaquePointer) {
        self.init(columns: columns)
        self.statement = statement
    }

    override func cell(_ index: Int) -> Cell {
        guard let statement else { return Cell(.null, .sqlite) }
        let index = Int32(truncatingIfNeeded: index)
        switch gatehouse_sqlite_column_type(statement, index) {
        case Int32(GATEHOUSE_SQLITE_INTEGER):
            return Cell(.integer(gatehouse_sqlite_column_int64(statement, index)), .sqlite)
        case Int32(GATEHOUSE_SQLITE_FLOAT):
            return Cell(.real(gatehouse_sqlite_column_double(statement, index)), .sqlite)
        case Int32(GATEHOUSE_SQLITE_TEXT):
            let start = gatehouse_sqlite_column_text(statement, index)
            return Cell(.text(Self.bytes(start, gatehouse_sqlite_column_bytes(statement, index))), .sqlite)
        case Int32(GATEHOUSE_SQLITE_BLOB):
            let start = gatehouse_sqlite_column_blob(statement, index)?.assumingMemoryBound(to: UInt8.self)
            return Cell(.bytes(Self.bytes(start, gatehouse_sqlite_column_bytes(statement, index))), .sqlite)
        default:
            return Cell(.null, .sqlite)
        }
    }

    static func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int32) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: start, count: start == nil ? 0 : Int(count))
    }
}

/// A row that was copied, to be given to its sink when the transaction is committed.
final class SQLiteKeptRow: ResultRow {
    private var values: [OpaquePointer?] = []

    convenience init(columns: ColumnNames, values: [OpaquePointer?]) {
        self.init(columns: columns)
        self.values = values
    }

    deinit {
        for value in values { gatehouse_sqlite_value_free(value) }
    }

    override func cell(_ index: Int) -> Cell {
        guard let value = values[index] else { return Cell(.null, .sqlite) }
        switch gatehouse_sqlite_value_type(value) {
        case Int32(GATEHOUSE_SQLITE_INTEGER): return Cell(.integer(gatehouse_sqlite_value_int64(value)), .sqlite)
        case Int32(GATEHOUSE_SQLITE_FLOAT): return Cell(.real(gatehouse_sqlite_value_double(value)), .sqlite)
        case Int32(GATEHOUSE_SQLITE_TEXT):
            let start = gatehouse_sqlite_value_text(value)
            return Cell(.text(SQLiteRow.bytes(start, gatehouse_sqlite_value_bytes(value))), .sqlite)
        case Int32(GATEHOUSE_SQLITE_BLOB):
            let start = gatehouse_sqlite_value_blob(value)?.assumingMemoryBound(to: UInt8.self)
            return Cell(.bytes(SQLiteRow.bytes(start, gatehouse_sqlite_value_bytes(value))), .sqlite)
        default: return Cell(.null, .sqlite)
        }
    }
}
