import Glibc

extension SQL {
    /// The values to bind, one for each placeholder of ``rendered(for:)``, checked for what the dialect cannot hold.
    /// - Throws: `.usage` if the statement must not be sent: an array behind `IN (` is found here, since the statement
    ///   may have been prepared with a value of another type; `.invalidText` for U+0000; `.data` for a value that the
    ///   dialect does not have.
    package func flatValues(for dialect: Dialect) throws(DatabaseError) -> [SQLValue] {
        if isBroken { throw broken() }
        var hasList = false
        var hasArray = false
        for value in values {
            switch value {
            case .list: hasList = true
            case .array: hasArray = true
            default: break
            }
            try check(value, dialect)
        }
        if hasArray { _ = try rendered(for: dialect) }
        if !hasList { return values }
        var flat: [SQLValue] = []
        for value in values {
            guard case .list(let list) = value else {
                flat.append(value)
                continue
            }
            if dialect == .postgreSQL {
                flat.append(.array(list))
                continue
            }
            flat += list
            if let last = list.last {
                for _ in list.count..<SQL.paddedCount(list.count) { flat.append(last) }
            }
        }
        return flat
    }

    private func check(_ value: SQLValue, _ dialect: Dialect) throws(DatabaseError) {
        switch value {
        case .null, .bool, .integer, .bytes, .uuid: break
        case .unsigned(let number):
            if dialect == .sqlite, number > UInt64(Int64.max) {
                throw refused("the number is above 9223372036854775807, and SQLite has none that is")
            }
        case .real(let number):
            if !number.isFinite, dialect == .mySQL || (dialect == .sqlite && number.isNaN) {
                throw refused("the number is not finite, and \(dialect.name) has none that is not")
            }
        case .decimal(let number):
            if dialect != .postgreSQL, number == "NaN" {
                throw refused("the number is not finite, and \(dialect.name) has none that is not")
            }
        case .instant(let microseconds):
            if dialect != .postgreSQL, !Timestamp.fourDigitYears.contains(microseconds) {
                throw refused("the moment is not in the years 1 to 9999, which are all that \(dialect.name) has")
            }
        case .text(let text), .json(let text):
            if text.containsNUL {
                throw DatabaseError(
                    .invalidText, "a text to bind contains U+0000, which no database takes for text",
                    statement: written)
            }
        case .array(let values), .list(let values):
            for value in values { try check(value, dialect) }
        case .invalid(let reason): throw refused(reason)
        }
    }

    private func refused(_ reason: String) -> DatabaseError {
        DatabaseError(.data, "a value cannot be bound: \(reason)", statement: written)
    }
}

extension Dialect {
    /// The name for people.
    package var name: String {
        switch self {
        case .postgreSQL: "PostgreSQL"
        case .mySQL: "MySQL"
        case .sqlite: "SQLite"
        }
    }
}

extension String {
    fileprivate var containsNUL: Bool {
        utf8.withContiguousStorageIfAvailable { bytes in
            bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
        } ?? utf8.contains(0)
    }
}
