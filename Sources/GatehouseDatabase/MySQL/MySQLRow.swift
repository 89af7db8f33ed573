import CGatehouseDatabase

/// The row that was fetched last, in the memory of its statement.
struct MySQLRow: ResultRow {
    let columns: ColumnNames
    let cells: UnsafePointer<gatehouse_mysql_column>

    func cell(_ index: Int) -> Cell {
        let column = cells[index]
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
