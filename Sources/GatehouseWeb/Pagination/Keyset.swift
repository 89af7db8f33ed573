import GatehouseDatabase

/// The order of a list whose pages begin behind a row, and not at a number: fast however far a reader goes, and right
/// while rows come and go.
///
/// ```swift
/// let newestFirst = Keyset<Note>(.descending("changed", \.changed), .descending("id", \.id))
/// let page = try await database.page("SELECT id, title, changed FROM note", by: newestFirst, KeysetRequest(request))
/// ```
public struct Keyset<Row: Sendable>: Sendable {
    /// A column of the order: its name in the result, and the property that it is read into.
    public struct Column: Sendable {
        let name: String
        let isDescending: Bool
        let text: @Sendable (Row) -> String
        let value: @Sendable (String) -> SQLValue?

        private init<Value: KeysetValue>(
            _ name: String, isDescending: Bool, _ value: @escaping @Sendable (Row) -> Value
        ) {
            self.name = name
            self.isDescending = isDescending
            text = { value($0).keysetText }
            self.value = { Value(keysetText: $0)?.sqlValue }
        }

        /// The column in ascending order.
        public static func ascending<Value: KeysetValue>(
            _ name: String, _ value: @escaping @Sendable (Row) -> Value
        ) -> Column {
            Column(name, isDescending: false, value)
        }

        /// The column in descending order.
        public static func descending<Value: KeysetValue>(
            _ name: String, _ value: @escaping @Sendable (Row) -> Value
        ) -> Column {
            Column(name, isDescending: true, value)
        }
    }

    let columns: [Column]

    /// - Parameters:
    ///   - first: the first column.
    ///   - more: the columns that decide between equal ones. Together they must leave no two rows equal, and none
    ///     may be `NULL`; an index of the same columns makes a page cheap.
    public init(_ first: Column, _ more: Column...) {
        columns = [first] + more
    }

    /// The statement's rows in order: those behind a position, or before it, backwards.
    func statement(_ sql: SQL, _ position: KeysetPosition?, isBackwards: Bool, limit: Int) -> SQL {
        var whole: SQL = "SELECT * FROM (\(sql)) AS gatehouse_page"
        if let position { whole += " WHERE " + condition(behind: position.values[...], columns[...], isBackwards) }
        whole += " ORDER BY "
        whole += columns.map { column -> SQL in
            column.isDescending != isBackwards
                ? "\(identifier: column.name) DESC" : "\(identifier: column.name) ASC"
        }.joined(separator: ", ")
        return whole + " LIMIT \(limit)"
    }

    /// `a <= x AND (a < x OR b > y)`, for any number of columns: an index serves its first part. Databases have a short
    /// form only for columns of one direction.
    private func condition(
        behind values: ArraySlice<SQLValue>, _ columns: ArraySlice<Column>, _ isBackwards: Bool
    ) -> SQL {
        guard let column = columns.first, let value = values.first else { return "" }
        let name: SQL = "\(identifier: column.name)"
        let goesDown = column.isDescending != isBackwards
        let isBehind: SQL = goesDown ? "\(name) < \(value)" : "\(name) > \(value)"
        if columns.count == 1 { return isBehind }
        let isNotBefore: SQL = goesDown ? "\(name) <= \(value)" : "\(name) >= \(value)"
        let rest = condition(behind: values.dropFirst(), columns.dropFirst(), isBackwards)
        return "\(isNotBefore) AND (\(isBehind) OR (\(rest)))"
    }

    /// The position of a row, as a link has it.
    func position(of row: Row) -> String {
        KeysetPosition.text(columns.map { $0.text(row) })
    }

    /// The position that a link has; `nil` if it is none of this list's.
    func position(_ text: String) -> KeysetPosition? {
        guard let texts = KeysetPosition.texts(text), texts.count == columns.count else { return nil }
        var values: [SQLValue] = []
        for (column, text) in zip(columns, texts) {
            guard let value = column.value(text) else { return nil }
            values.append(value)
        }
        return KeysetPosition(values: values)
    }
}

/// A place in a list: the values that its order's columns have there.
///
/// In a link it is the base64url of texts with their lengths. A reader can make any position, and sees from there the
/// rows that the statement gives anyhow; that is why nothing signs it. The values are checked for their types, and
/// bound.
struct KeysetPosition {
    let values: [SQLValue]

    /// The longest text of a link, in characters.
    static let longest = 2_048

    static func text(_ texts: [String]) -> String {
        Base64URL.encode(Array(texts.map { "\($0.utf8.count):\($0)" }.joined().utf8))
    }

    static func texts(_ text: String) -> [String]? {
        guard text.utf8.count <= longest, let bytes = Base64URL.decode(text) else { return nil }
        var rest = bytes[...]
        var texts: [String] = []
        while !rest.isEmpty {
            guard let colon = rest.prefix(5).firstIndex(of: UInt8(ascii: ":")),
                let count = Int(String(decoding: rest[..<colon], as: UTF8.self)), count >= 0,
                rest.endIndex - colon - 1 >= count,
                let text = String(validating: rest[(colon + 1)..<(colon + 1 + count)], as: UTF8.self)
            else { return nil }
            texts.append(text)
            rest = rest[(colon + 1 + count)...]
        }
        return texts
    }
}
