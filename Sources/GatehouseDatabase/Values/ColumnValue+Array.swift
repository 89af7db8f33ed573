/// Types whose text form contains elements, so that arrays of them are nested.
private protocol NestingColumnValue {
    static var hasElements: Bool { get }
}

extension Array: NestingColumnValue where Element: ColumnValue {
    fileprivate static var hasElements: Bool { Element.self != UInt8.self }
}

extension Optional: NestingColumnValue where Wrapped: NestingColumnValue {
    fileprivate static var hasElements: Bool { Wrapped.hasElements }
}

extension Array: ColumnValue where Element: ColumnValue {
    /// An array of PostgreSQL, a JSON document elsewhere. `[UInt8]` are bytes everywhere.
    public var sqlValue: SQLValue {
        // Asked of the type: an empty array can be cast to one of anything.
        if Element.self == UInt8.self, let bytes = self as? [UInt8] { return .bytes(bytes) }
        return .array(map(\.sqlValue))
    }

    /// Reads an array of PostgreSQL, a JSON array elsewhere; bytes, if the elements are `UInt8`.
    /// - Throws: ``CellError`` if the value is `NULL`, no array, has more or fewer dimensions than this type, or an
    ///   element that cannot be read.
    public init(_ cell: Cell) throws(CellError) {
        if Element.self == UInt8.self, let bytes = try cell.bytes() as? [Element] {
            self = bytes
            return
        }
        let text: UnsafeBufferPointer<UInt8>
        switch cell.storage {
        case .null: throw .isNull
        case .text(let bytes), .bytes(let bytes): text = bytes
        case .integer, .unsigned, .real: throw CellError("is a number, and no array")
        }
        let isNested = (Element.self as? any NestingColumnValue.Type)?.hasElements ?? false
        var elements: [Element] = []
        let take = { (element: Cell) throws(CellError) in elements.append(try Element(element)) }
        if cell.dialect == .postgreSQL {
            try PostgreSQLArray.read(text, isNested: isNested, take)
        } else {
            try JSONArray.read(text, cell.dialect, take)
        }
        self = elements
    }
}
