/// Reads rows as values of a `Decodable` type.
///
/// A type that is a ``ColumnValue`` takes the only column of a row. Any other asks for columns by its keys: the column
/// of that name, else the one of the name in snake case (`createdAt`: `created_at`). A property that is neither a
/// column value nor a raw-value type of one is decoded from the column's JSON. An optional property whose column is not
/// in the result is `nil`.
@usableFromInline
package struct DecodableReader<Row: Decodable>: RowReader {
    @inlinable
    package init(_ type: Row.Type = Row.self) {}

    @inlinable
    package func read(_ row: ResultRow) throws(DatabaseError) -> Row {
        // A look at conformances costs as much as the rest of a small row.
        if row.columns.count == 1, let type = Row.self as? any ColumnValue.Type {
            return try value(of: type, row)
        }
        let decoder = row.beginDecoding()
        defer { row.endDecoding() }
        do {
            return try Row(from: decoder)
        } catch let error as DatabaseError {
            throw error
        } catch {
            throw row.misfit(error, Row.self)
        }
    }

    /// The only column of a row.
    @usableFromInline
    func value(of type: any ColumnValue.Type, _ row: ResultRow) throws(DatabaseError) -> Row {
        do {
            if let value = try type.init(row.cell(0)) as? Row { return value }
        } catch {
            throw DatabaseError(error, column: row.columns.names[0], Row.self)
        }
        throw row.misfit(CellError("is of another type"), Row.self)
    }
}

/// Names of columns that Swift writes in camel case.
enum SnakeCase {
    /// `createdAt`: `created_at`; `userID`: `user_id`; `htmlURLText`: `html_url_text`. What has no capital stays.
    static func name(of key: String) -> String {
        var name: [UInt8] = []
        let bytes = Array(key.utf8)
        for (index, byte) in bytes.enumerated() {
            guard byte.isCapital else {
                name.append(byte)
                continue
            }
            let beginsWord = index > 0 && !bytes[index - 1].isCapital && bytes[index - 1].isASCIILetterOrDigit
            let endsInitials =
                index > 0 && bytes[index - 1].isCapital && index + 1 < bytes.count
                && bytes[index + 1] &- 0x61 < 26
            if beginsWord || endsInitials { name.append(UInt8(ascii: "_")) }
            name.append(byte | 0x20)
        }
        return String(decoding: name, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var isCapital: Bool { self &- 0x41 < 26 }
}
