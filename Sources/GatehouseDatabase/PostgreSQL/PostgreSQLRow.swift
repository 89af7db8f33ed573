import CGatehouseDatabase

/// The row of a result that is being read. One object serves all rows of a connection.
final class PostgreSQLRow: ResultRow {
    var result: OpaquePointer?
    var row: Int32 = 0

    override func cell(_ index: Int) -> Cell {
        guard let result else { return Cell(.null, .postgreSQL) }
        var length: Int32 = 0
        guard let bytes = gatehouse_pq_value(result, row, Int32(truncatingIfNeeded: index), &length) else {
            return Cell(.null, .postgreSQL)
        }
        return Cell(.text(UnsafeBufferPointer(start: bytes, count: Int(length))), .postgreSQL)
    }

    /// The bytes of rows as they came from the server.
    func size(from first: Int32, to end: Int32) -> Int {
        guard let result else { return 0 }
        var size = 0
        var length: Int32 = 0
        for row in first..<max(first, end) {
            for column in 0..<gatehouse_pq_column_count(result) {
                _ = gatehouse_pq_value(result, row, column, &length)
                size += Int(length) + 4
            }
        }
        return size
    }

    /// The names of a result's columns.
    static func columns(of result: OpaquePointer) -> ColumnNames {
        ColumnNames(
            (0..<gatehouse_pq_column_count(result)).map { column in
                gatehouse_pq_column_name(result, column).map { String(cString: $0) } ?? ""
            })
    }

    /// Whether a result has these columns.
    static func columns(_ names: ColumnNames, are result: OpaquePointer) -> Bool {
        guard gatehouse_pq_column_count(result) == names.count else { return false }
        for (column, known) in names.names.enumerated() {
            guard let name = gatehouse_pq_column_name(result, Int32(column)) else { return false }
            let same = known.utf8.withContiguousStorageIfAvailable { bytes in
                for (offset, byte) in bytes.enumerated() where UInt8(bitPattern: name[offset]) != byte { return false }
                return name[bytes.count] == 0
            }
            if same != true { return false }
        }
        return true
    }
}
