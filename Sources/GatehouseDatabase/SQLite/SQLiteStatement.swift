import CGatehouseDatabase

/// A prepared statement of one connection.
final class SQLiteStatement: CachedStatement {
    /// A statement that took longer last time makes others wait too long behind it.
    static let quick: Int64 = 200_000

    private let pointer: OpaquePointer
    /// Whether it leaves the database as it is. True of statements that only begin or end a transaction.
    let isReadOnly: Bool
    /// Whether it begins or ends a transaction or a savepoint.
    let controlsTransaction: Bool
    /// Whether it changes the connection: `PRAGMA`, `ATTACH`, temporary tables.
    let taints: Bool
    /// Whether it gives rows.
    var hasRows: Bool { columns.count > 0 }
    var lastUse: UInt64 = 0
    /// The time that the statement took last, in nanoseconds; a new one is not known to be quick.
    var nanoseconds = Int64.max
    var isQuick: Bool { nanoseconds < Self.quick }

    /// The current row. Valid until the next one.
    let row: SQLiteRow
    var columns: ColumnNames { row.columns }
    private let inserts: Bool
    private let parameters: Int32
    private var preparedAnew: Int32

    init(_ pointer: OpaquePointer, properties: Int32) {
        self.pointer = pointer
        isReadOnly = gatehouse_sqlite_stmt_readonly(pointer) != 0
        inserts = properties & Int32(GATEHOUSE_SQLITE_INSERTS) != 0
        controlsTransaction = properties & Int32(GATEHOUSE_SQLITE_CONTROLS) != 0
        taints = properties & Int32(GATEHOUSE_SQLITE_TAINTS) != 0
        parameters = gatehouse_sqlite_bind_parameter_count(pointer)
        preparedAnew = gatehouse_sqlite_prepared_anew(pointer)
        row = SQLiteRow(columns: Self.columnNames(pointer), statement: pointer)
    }

    /// Gives its memory back. It must not be used afterwards.
    func end() { _ = gatehouse_sqlite_finalize(pointer) }

    /// Carries the statement out; at the end it holds neither values nor locks.
    func run(
        on handle: SQLiteHandle, _ sql: SQL, onRow: () throws(DatabaseError) -> Bool
    ) throws(DatabaseError) -> Changes {
        try bind(sql, on: handle)
        defer {
            _ = gatehouse_sqlite_reset(pointer)
            if parameters > 0 { _ = gatehouse_sqlite_clear_bindings(pointer) }
        }
        let before = isReadOnly ? 0 : gatehouse_sqlite_total_changes(handle.database)
        // The key of an earlier insert is not this statement's.
        if inserts { gatehouse_sqlite_set_last_insert_rowid(handle.database, 0) }
        var rows = 0
        var isFirst = true
        while true {
            let code = gatehouse_sqlite_step(pointer)
            if isFirst {
                isFirst = false
                refreshColumns()
            }
            if code == GATEHOUSE_SQLITE_DONE { break }
            guard code == GATEHOUSE_SQLITE_ROW else { throw handle.failure(code, in: sql) }
            rows += 1
            do {
                if try !onRow() { break }
            } catch {
                throw error.of(sql)
            }
        }
        var changes = Changes(rows: rows)
        if !isReadOnly, gatehouse_sqlite_total_changes(handle.database) != before {
            if !hasRows { changes.rows = Int(gatehouse_sqlite_changes(handle.database)) }
            if inserts {
                let key = gatehouse_sqlite_last_insert_rowid(handle.database)
                if key != 0 { changes.lastID = key }
            }
        }
        return changes
    }

    // MARK: The row at hand

    /// Copies the current row.
    func keptRow() -> SQLiteKeptRow {
        SQLiteKeptRow(
            columns: columns,
            values: (0..<columns.count).map {
                gatehouse_sqlite_value_dup(gatehouse_sqlite_column_value(pointer, Int32($0)))
            })
    }

    /// The current row's value as text.
    func text(_ index: Int32) -> String {
        gatehouse_sqlite_column_text(pointer, index).map { String(cString: $0) } ?? ""
    }

    /// Looks at the columns again if the schema has changed: `SELECT *` may have others now.
    private func refreshColumns() {
        let count = gatehouse_sqlite_prepared_anew(pointer)
        guard count != preparedAnew else { return }
        preparedAnew = count
        row.columns = Self.columnNames(pointer)
    }

    private static func columnNames(_ pointer: OpaquePointer) -> ColumnNames {
        let count = gatehouse_sqlite_column_count(pointer)
        return ColumnNames(
            (0..<count).map { index in gatehouse_sqlite_column_name(pointer, index).map { String(cString: $0) } ?? "" })
    }

    // MARK: Values

    private func bind(_ sql: SQL, on handle: SQLiteHandle) throws(DatabaseError) {
        let values = try sql.flatValues(for: .sqlite)
        guard values.count == Int(parameters) else {
            throw RenderedSQL.mismatch(expected: Int(parameters), sql)
        }
        for (index, value) in values.enumerated() {
            let code = bind(value, at: Int32(index + 1))
            guard code == GATEHOUSE_SQLITE_OK else {
                let error = handle.failure(code, in: sql)
                _ = gatehouse_sqlite_clear_bindings(pointer)
                throw error
            }
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
        switch value {
        case .null: return gatehouse_sqlite_bind_null(pointer, index)
        case .bool(let value): return gatehouse_sqlite_bind_int64(pointer, index, value ? 1 : 0)
        case .integer(let value): return gatehouse_sqlite_bind_int64(pointer, index, value)
        case .unsigned(let value): return gatehouse_sqlite_bind_int64(pointer, index, Int64(clamping: value))
        case .real(let value): return gatehouse_sqlite_bind_double(pointer, index, value)
        case .bytes(let bytes):
            return bytes.withUnsafeBytes { gatehouse_sqlite_bind_bytes(pointer, index, $0.baseAddress, $0.count) }
        case .text(var text), .decimal(var text), .uuid(var text), .json(var text):
            return text.withUTF8 { gatehouse_sqlite_bind_text(pointer, index, $0.baseAddress, $0.count) }
        default:
            var text: [UInt8] = []
            value.appendText(for: .sqlite, to: &text)
            return text.withUnsafeBytes { gatehouse_sqlite_bind_text(pointer, index, $0.baseAddress, $0.count) }
        }
    }
}
