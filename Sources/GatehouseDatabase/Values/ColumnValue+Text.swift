extension String: ColumnValue {
    /// Text, as it is. PostgreSQL and SQLite refuse U+0000 in it, with an error that is the client's fault.
    public var sqlValue: SQLValue { .text(self) }

    /// Reads text, or the text form of any other value.
    /// - Throws: ``CellError`` if the value is `NULL` or no UTF-8.
    public init(_ cell: Cell) throws(CellError) {
        switch cell.storage {
        case .null: throw CellError("is NULL")
        case .integer(let value): self = "\(value)"
        case .unsigned(let value): self = "\(value)"
        case .real(let value): self = "\(value)"
        case .text(let bytes), .bytes(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else { throw CellError("is no UTF-8 text") }
            self = text
        }
    }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
    /// `NULL` for `nil`.
    public var sqlValue: SQLValue { self?.sqlValue ?? .null }

    /// Reads `nil` from `NULL`.
    public init(_ cell: Cell) throws(CellError) {
        self = cell.isNull ? nil : try Wrapped(cell)
    }
}
