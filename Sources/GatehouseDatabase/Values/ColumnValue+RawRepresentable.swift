extension ColumnValue where Self: RawRepresentable, RawValue: ColumnValue {
    /// The raw value.
    public var sqlValue: SQLValue { rawValue.sqlValue }

    /// Reads a raw value.
    /// - Throws: ``CellError`` if it cannot be read, or is none of this type's.
    public init(_ cell: Cell) throws(CellError) {
        guard let value = Self(rawValue: try RawValue(cell)) else {
            throw CellError("is none of the values of \(Self.self)")
        }
        self = value
    }
}
