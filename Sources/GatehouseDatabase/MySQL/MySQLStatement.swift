import CGatehouseDatabase

/// A statement of one connection, prepared or to be sent as it is.
final class MySQLStatement: CachedStatement {
    /// `nil` if it is sent as it is, each time.
    let handle: OpaquePointer?
    /// The text to send, if there is no handle.
    let directText: String
    let text: MySQLStatementText
    /// The columns of its result, made when the first comes.
    private(set) var columns: ColumnNames?
    private var columnsHash: UInt64 = 0
    /// Whether the columns have other names than when it was prepared: libmariadb is to forget it.
    private(set) var isOutdated = false
    /// Whether it is among the connection's statements, so that it is there for the next time.
    fileprivate(set) var isKept = false
    var lastUse: UInt64 = 0

    init(_ handle: OpaquePointer, _ text: MySQLStatementText) {
        self.handle = handle
        self.text = text
        directText = ""
    }

    init(direct text: String, _ meaning: MySQLStatementText) {
        handle = nil
        directText = text
        self.text = meaning
    }

    /// Frees a statement whose connection is closed, or that could not be prepared.
    func free() {
        if let handle { gatehouse_mysql_statement_free(handle) }
    }

    /// The columns of the result that has begun on its connection.
    func names(on connection: OpaquePointer) -> ColumnNames {
        let hash = gatehouse_mysql_column_names_hash(connection)
        let count = Int(gatehouse_mysql_column_count(connection))
        // Different names can have one hash; the row has as many cells as the server says now.
        if let columns, columns.count == count, hash == columnsHash { return columns }
        isOutdated = columns != nil
        let names = MySQLStatement.names(on: connection)
        columns = names
        columnsHash = hash
        return names
    }

    static func names(on connection: OpaquePointer) -> ColumnNames {
        ColumnNames(
            (0..<gatehouse_mysql_column_count(connection)).map { index in
                var length = 0
                guard let bytes = gatehouse_mysql_column_name(connection, index, &length) else { return "" }
                let name = UnsafeRawBufferPointer(start: bytes, count: length)
                return String(decoding: name, as: UTF8.self)
            })
    }

    /// Sets the values for the next execution.
    /// - Throws: `.usage` if the statement has another count of placeholders than values.
    func bind(_ values: [SQLValue], of statement: SQL) throws(DatabaseError) {
        guard let handle else { return }
        let count = Int(gatehouse_mysql_parameter_count(handle))
        guard count == values.count else { throw RenderedSQL.mismatch(expected: count, statement) }
        for (index, value) in values.enumerated() {
            guard set(value, at: UInt32(truncatingIfNeeded: index), of: handle) else {
                throw DatabaseError(.other, "there is no memory for a value", statement: statement.written)
            }
        }
    }

    private func set(_ value: SQLValue, at index: UInt32, of handle: OpaquePointer) -> Bool {
        switch value {
        case .null, .invalid: gatehouse_mysql_set_null(handle, index)
        case .bool(let value): gatehouse_mysql_set_integer(handle, index, value ? 1 : 0)
        case .integer(let value): gatehouse_mysql_set_integer(handle, index, value)
        case .unsigned(let value): gatehouse_mysql_set_unsigned(handle, index, value)
        case .real(let value): gatehouse_mysql_set_real(handle, index, value)
        case .instant(let microseconds): gatehouse_mysql_set_moment(handle, index, microseconds)
        case .decimal(let text): return set(text, GATEHOUSE_MYSQL_DECIMAL, at: index, of: handle)
        case .text(let text), .uuid(let text), .json(let text):
            return set(text, GATEHOUSE_MYSQL_TEXT, at: index, of: handle)
        case .bytes(let bytes): return bytes.withUnsafeBytes { set($0, GATEHOUSE_MYSQL_BYTES, at: index, of: handle) }
        case .array, .list:
            var document: [UInt8] = []
            value.appendText(for: .mySQL, to: &document)
            return document.withUnsafeBytes { set($0, GATEHOUSE_MYSQL_TEXT, at: index, of: handle) }
        }
        return true
    }

    private func set(_ text: String, _ kind: gatehouse_mysql_kind, at index: UInt32, of handle: OpaquePointer) -> Bool {
        var text = text
        return text.withUTF8 { set(UnsafeRawBufferPointer($0), kind, at: index, of: handle) }
    }

    private func set(
        _ bytes: UnsafeRawBufferPointer, _ kind: gatehouse_mysql_kind, at index: UInt32, of handle: OpaquePointer
    ) -> Bool {
        gatehouse_mysql_set_bytes(handle, index, kind, bytes.baseAddress, bytes.count) == 0
    }
}

/// The prepared statements of one connection, by their neutral text.
struct MySQLStatements {
    /// A server has 16,382 for all of its connections, unless `max_prepared_stmt_count` says otherwise.
    static let limit = 100

    private var statements = StatementCache<MySQLStatement>()

    var count: Int { statements.count }

    /// Finds a statement and notes that it is used.
    mutating func use(_ text: StatementText) -> MySQLStatement? { statements.use(text) }

    mutating func insert(_ statement: MySQLStatement, for text: StatementText) {
        statement.isKept = true
        statements.insert(statement, for: text)
    }

    mutating func remove(_ text: StatementText) -> MySQLStatement? {
        let statement = statements.remove(text)
        statement?.isKept = false
        return statement
    }

    /// Takes out the statement that was not used for the longest time, if there is no room for one more.
    mutating func removeOldestIfFull() -> MySQLStatement? {
        guard statements.count >= MySQLStatements.limit, let oldest = statements.removeOldest() else { return nil }
        oldest.statement.isKept = false
        return oldest.statement
    }

    mutating func removeAll() -> [MySQLStatement] { statements.removeAll() }
}
