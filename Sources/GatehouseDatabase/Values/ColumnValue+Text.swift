extension String: ColumnValue {
    /// Text, as it is. PostgreSQL and SQLite refuse U+0000 in it, with an error that is the client's fault.
    public var sqlValue: SQLValue { .text(self) }

    /// Reads text, or the text form of any other value.
    /// - Throws: ``CellError`` if the value is `NULL` or no UTF-8.
    public init(_ cell: Cell) throws(CellError) {
        switch cell.storage {
        case .null: throw .isNull
        case .integer(let value): self = "\(value)"
        case .unsigned(let value): self = "\(value)"
        case .real(let value): self = "\(value)"
        case .text(let bytes), .bytes(let bytes):
            // `String(validating:)` costs several times as much, and most text is ASCII.
            if bytes.isASCII {
                self = String(decoding: bytes, as: UTF8.self)
            } else if let text = String(validating: bytes, as: UTF8.self) {
                self = text
            } else {
                throw CellError("is no UTF-8 text")
            }
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

extension UnsafeBufferPointer<UInt8> {
    /// Whether no byte is above 127; eight are looked at in one go.
    fileprivate var isASCII: Bool {
        guard let baseAddress else { return true }
        let bytes = UnsafeRawPointer(baseAddress)
        var index = 0
        var seen: UInt64 = 0
        while index + 8 <= count {
            seen |= bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < count {
            seen |= UInt64(self[index])
            index += 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }
}
