/// A value on its way to a database.
public enum SQLValue: Sendable, Hashable {
    /// `NULL`.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number.
    case integer(Int64)
    /// A whole number that an `Int64` cannot hold.
    case unsigned(UInt64)
    /// A floating-point number.
    case real(Double)
    /// A decimal number, written out: `-12.50`.
    case decimal(String)
    /// Text.
    case text(String)
    /// Bytes.
    case bytes([UInt8])
    /// A moment, in microseconds since 1970-01-01 00:00:00 UTC.
    case instant(microseconds: Int64)
    /// A UUID, in its text form of 36 characters.
    case uuid(String)
    /// A JSON document.
    case json(String)
    /// An array, on PostgreSQL; a JSON document elsewhere.
    case array([SQLValue])
    /// The right side of `IN`.
    case list([SQLValue])
    /// No value: why it could not be made. A statement that has one is an error and is not sent.
    case invalid(String)
}

/// A type whose values can be bound in a statement and read from a column.
///
/// Integers, `Bool`, `Double`, `Float`, `String`, `[UInt8]`, `Data`, `Date`, `Decimal`, `UUID`, ``JSON``, arrays and
/// optionals of these conform. A raw-value type of one of them needs only `: ColumnValue`.
public protocol ColumnValue: Sendable {
    /// The value that is bound.
    var sqlValue: SQLValue { get }

    /// Reads a column's value.
    /// - Throws: ``CellError`` if the column has another type, or a value that this type cannot hold exactly.
    init(_ cell: Cell) throws(CellError)
}
