extension SQL {
    /// `INSERT` of one row: its properties in snake case, without those that are `nil`.
    /// - Throws: `.usage` if the value has no properties.
    package init(inserting row: some Encodable, into table: String, for dialect: Dialect) throws(DatabaseError) {
        let columns = try RowEncoder.columns(of: row)
        if columns.isEmpty {
            self = "INSERT INTO \(identifier: table) "
            self += dialect == .mySQL ? "() VALUES ()" : "DEFAULT VALUES"
            return
        }
        let names = columns.map { "\(identifier: $0.name)" as SQL }.joined(separator: ", ")
        let values = columns.map { "\($0.value)" as SQL }.joined(separator: ", ")
        self = "INSERT INTO \(identifier: table) (\(names)) VALUES (\(values))"
    }
}

extension SQL.Interpolation {
    /// Binds a value that is made already.
    package mutating func appendInterpolation(_ value: SQLValue) {
        sql.text.append(SQL.Mark.value)
        sql.values.append(value)
    }
}
