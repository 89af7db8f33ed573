extension ColumnValue where Self: FixedWidthInteger {
    /// The number, as it is.
    public var sqlValue: SQLValue {
        if let value = Int64(exactly: self) { return .integer(value) }
        if let value = UInt64(exactly: self) { return .unsigned(value) }
        return .invalid("a whole number has more than 64 bits")
    }

    /// Reads a whole number, also from text and from a decimal without a fraction.
    /// - Throws: ``CellError`` if the value is `NULL`, no whole number, or one that this type does not have.
    public init(_ cell: Cell) throws(CellError) {
        switch cell.storage {
        case .text(let text): self = try WholeNumber.parse(text)
        case .integer(let value):
            guard let number = Self(exactly: value) else { throw WholeNumber.outOfRange(Self.self) }
            self = number
        case .unsigned(let value):
            guard let number = Self(exactly: value) else { throw WholeNumber.outOfRange(Self.self) }
            self = number
        case .real(let value):
            // Above 2^53, a floating-point number stands for its neighbours, too.
            guard value.magnitude <= 9_007_199_254_740_992, value == value.rounded(.towardZero) else {
                throw CellError("is a floating-point number, and no whole one")
            }
            guard let number = Self(exactly: value) else { throw WholeNumber.outOfRange(Self.self) }
            self = number
        case .null: throw .isNull
        case .bytes: throw CellError("is bytes, and no whole number")
        }
    }
}

extension Int: ColumnValue {}
extension Int8: ColumnValue {}
extension Int16: ColumnValue {}
extension Int32: ColumnValue {}
extension Int64: ColumnValue {}
extension UInt: ColumnValue {}
extension UInt8: ColumnValue {}
extension UInt16: ColumnValue {}
extension UInt32: ColumnValue {}
extension UInt64: ColumnValue {}

extension CellError {
    static var isNull: CellError { CellError("is NULL") }
}

extension Bool: ColumnValue {
    /// True or false: PostgreSQL's `boolean`, 1 or 0 elsewhere.
    public var sqlValue: SQLValue { .bool(self) }

    /// Reads `t`, `true` or 1, and `f`, `false` or 0.
    /// - Throws: ``CellError`` for anything else, such as 2.
    public init(_ cell: Cell) throws(CellError) {
        switch cell.storage {
        case .null: throw .isNull
        case .integer(0), .unsigned(0): self = false
        case .integer(1), .unsigned(1): self = true
        case .text(let text):
            if text.elementsEqual("t".utf8) || text.elementsEqual("true".utf8) || text.elementsEqual("1".utf8) {
                self = true
            } else if text.elementsEqual("f".utf8) || text.elementsEqual("false".utf8) || text.elementsEqual("0".utf8) {
                self = false
            } else {
                throw CellError("is neither true nor false")
            }
        case .bytes(let bytes) where bytes.count == 1 && bytes[0] <= 1: self = bytes[0] == 1  // MySQL's BIT(1)
        case .integer, .unsigned, .real, .bytes: throw CellError("is neither true nor false")
        }
    }
}
