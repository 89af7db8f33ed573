/// A column's value in the row that is being read, valid only while it is read.
public struct Cell {
    /// The value as the database has sent it.
    package enum Storage {
        case null
        /// SQLite's and MySQL's integers.
        case integer(Int64)
        /// MySQL's `BIGINT UNSIGNED`.
        case unsigned(UInt64)
        case real(Double)
        /// The text form of a value of any type; everything that PostgreSQL sends. Never trusted to be UTF-8.
        case text(UnsafeBufferPointer<UInt8>)
        /// Bytes of SQLite's and MySQL's blobs.
        case bytes(UnsafeBufferPointer<UInt8>)
    }

    package let storage: Storage
    package let dialect: Dialect
    /// Whether the value is one of an array, in whose text bytes have PostgreSQL's text form on every dialect.
    let isElement: Bool

    package init(_ storage: Storage, _ dialect: Dialect) {
        self.init(storage, dialect, isElement: false)
    }

    init(_ storage: Storage, _ dialect: Dialect, isElement: Bool) {
        self.storage = storage
        self.dialect = dialect
        self.isElement = isElement
    }

    /// Whether the value is `NULL`.
    public var isNull: Bool {
        if case .null = storage { true } else { false }
    }

    /// Reads the value as another type, for types that are made of one.
    public func decode<Value: ColumnValue>(_ type: Value.Type = Value.self) throws(CellError) -> Value {
        try Value(self)
    }
}

/// The reason why a column's value cannot be read: never with the value itself.
public struct CellError: Error, Sendable, Equatable, CustomStringConvertible {
    /// `is NULL`, `is no whole number`: what follows the column's name.
    public var description: String

    /// Makes an error of a reason that follows the column's name.
    public init(_ description: String) { self.description = description }
}
