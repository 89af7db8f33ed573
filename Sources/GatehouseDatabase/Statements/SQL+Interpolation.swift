extension SQL {
    /// The parts of an interpolated statement. The compiler makes it; it is never written by hand.
    public struct Interpolation: StringInterpolationProtocol {
        /// Literals are what the source has: text that is made at run time does not fit.
        public typealias StringLiteralType = StaticString

        var sql: SQL

        /// Makes an empty statement.
        public init(literalCapacity: Int, interpolationCount: Int) {
            sql = SQL("")
            sql.text.reserveCapacity(literalCapacity + 2 * interpolationCount)
            sql.values.reserveCapacity(interpolationCount)
        }

        /// Adds text of the source.
        public mutating func appendLiteral(_ literal: StaticString) {
            sql.text.append(literal)
        }

        /// Binds a value.
        public mutating func appendInterpolation(_ value: some ColumnValue) {
            appendInterpolation(value.sqlValue)
        }

        /// Binds a value, or `NULL` for `nil`.
        public mutating func appendInterpolation<Value: ColumnValue>(_ value: Value?) {
            appendInterpolation(value.sqlValue)
        }

        /// Adds another statement, with its values.
        public mutating func appendInterpolation(_ other: SQL) {
            sql += other
        }

        /// Binds the right side of `IN` or `NOT IN`. An empty list is in nothing, as it should be.
        public mutating func appendInterpolation(list values: some Sequence<some ColumnValue>) {
            let list = values.map(\.sqlValue)
            sql.text.append("\u{3}\(SQL.paddedCount(list.count))\u{3}" as String)
            sql.values.append(.list(list))
        }

        /// Adds the quoted name of a table, a column or the like.
        public mutating func appendInterpolation(identifier name: String) {
            sql.text.append("\u{2}\(name)\u{2}" as String)
            if name.isEmpty || name.utf8.contains(where: { $0 <= Mark.list }) { sql.isBroken = true }
        }
    }
}
