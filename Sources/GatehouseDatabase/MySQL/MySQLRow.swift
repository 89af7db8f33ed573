import CGatehouseDatabase

/// The row that was fetched last, in the memory of its statement. One object serves all rows of a connection.
final class MySQLRow: ResultRow {
    private var cells: UnsafePointer<gatehouse_mysql_column>?

    /// Stands for the rows of another result from now on.
    func begin(_ columns: ColumnNames, _ cells: UnsafePointer<gatehouse_mysql_column>) {
        if self.columns !== columns { self.columns = columns }
        self.cells = cells
    }

    override func cell(_ index: Int) -> Cell {
        guard let column = cells?[index] else { return Cell(.null, .mySQL) }
        if column.is_null != 0 { return Cell(.null, .mySQL) }
        switch UInt32(column.kind) {
        case GATEHOUSE_MYSQL_INTEGER.rawValue: return Cell(.integer(column.integer), .mySQL)
        case GATEHOUSE_MYSQL_UNSIGNED.rawValue:
            if column.integer >= 0 { return Cell(.integer(column.integer), .mySQL) }
            return Cell(.unsigned(UInt64(bitPattern: column.integer)), .mySQL)
        case GATEHOUSE_MYSQL_REAL.rawValue: return Cell(.real(column.real), .mySQL)
        case GATEHOUSE_MYSQL_BYTES.rawValue: return Cell(.bytes(bytes(column)), .mySQL)
        default: return Cell(.text(bytes(column)), .mySQL)
        }
    }

    private func bytes(_ column: gatehouse_mysql_column) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: column.bytes?.assumingMemoryBound(to: UInt8.self), count: column.length)
    }
}
