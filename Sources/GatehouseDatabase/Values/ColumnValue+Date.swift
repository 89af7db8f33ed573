public import FoundationEssentials

extension Date: ColumnValue {
    /// The moment, in microseconds (PostgreSQL, MySQL's `DATETIME(6)`) or milliseconds (SQLite), in UTC.
    public var sqlValue: SQLValue {
        let microseconds = (timeIntervalSinceReferenceDate * 1_000_000).rounded()
        // Far within Int64; also false for NaN.
        guard microseconds.magnitude < 8e18 else { return .invalid("a Date is out of range") }
        return .instant(microseconds: Int64(microseconds) + Self.microsecondsTo2001)
    }

    /// Reads a moment; one without a zone is UTC, and a date alone is its midnight.
    /// - Throws: ``CellError`` if the value is `NULL`, no moment, or infinite.
    public init(_ cell: Cell) throws(CellError) {
        switch cell.storage {
        case .text(let text), .bytes(let text):
            let microseconds = try Timestamp.parse(text, cell.dialect)
            let (rest, isOver) = microseconds.subtractingReportingOverflow(Self.microsecondsTo2001)
            if isOver { throw CellError("is a moment out of range") }
            self.init(timeIntervalSinceReferenceDate: Double(rest) / 1_000_000)
        case .null: throw .isNull
        case .integer, .unsigned, .real: throw CellError("is a number, and no date or time stamp")
        }
    }

    private static let microsecondsTo2001: Int64 = 978_307_200_000_000
}
