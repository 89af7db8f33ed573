/// Bounds on what one form or query string may be, checked while it is read.
public struct FormLimits: Sendable, Equatable {
    /// The most bytes of a body or of a query string (default: 1 MiB). Files have limits of their own.
    public var bytes: Int
    /// The most fields, repeated names counted each time (default: 1,000).
    public var fields: Int
    /// The most bytes of one field's name, decoded (default: 1,024).
    public var nameBytes: Int
    /// The most bytes of one field's value, decoded (default: 1 MiB).
    public var valueBytes: Int

    /// Makes limits.
    public init(bytes: Int = 1 << 20, fields: Int = 1_000, nameBytes: Int = 1_024, valueBytes: Int = 1 << 20) {
        self.bytes = bytes
        self.fields = fields
        self.nameBytes = nameBytes
        self.valueBytes = valueBytes
    }
}
