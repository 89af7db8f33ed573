/// Reads rows as values of a `Decodable` type.
///
/// A type that is a ``ColumnValue`` takes the only column of a row. Any other asks for columns by its keys: the column
/// of that name, else the one of the name in snake case (`createdAt`: `created_at`). A property that is neither a
/// column value nor a raw-value type of one is decoded from the column's JSON. An optional property whose column is not
/// in the result is `nil`.
@usableFromInline
package final class DecodableReader<Row: Decodable>: RowSource, RowReader {
    /// The row's type if it is a column's value. Asked for only if a row has one column: a look at conformances costs
    /// as much as the rest of a small row.
    @usableFromInline
    lazy var single = Row.self as? any ColumnValue.Type

    @inlinable
    package init(_ type: Row.Type = Row.self) { super.init() }

    @inlinable
    package func read(_ row: any ResultRow) throws(DatabaseError) -> Row {
        let columns = row.columns
        if columns.count == 1, let value = try singleValue(row) { return value }
        begin(row, columns)
        defer { end() }
        do {
            return try Row(from: decoder)
        } catch let error as DatabaseError {
            throw error
        } catch {
            throw misfit(error, Row.self)
        }
    }

    /// The only column as the row; `nil` if the type is no column's value.
    @usableFromInline
    func singleValue(_ row: any ResultRow) throws(DatabaseError) -> Row? {
        guard let single else { return nil }
        do {
            return try single.init(row.cell(0)) as? Row
        } catch {
            throw DatabaseError(error, column: row.columns.names[0], Row.self)
        }
    }
}

/// The row that is being read, and what earlier rows have taught about its keys.
@usableFromInline
package class RowSource {
    /// A key that is not the name of the column where it was looked for first, and its column.
    private typealias Detour = (key: String, column: Int?)

    final private(set) var row: (any ResultRow)?
    private var columns = ColumnNames.none
    /// By step of a row's decoding.
    private var detours: [Detour?] = []
    private var step = 0
    private var nextColumn = 0
    final private(set) var lastColumn: Int?

    @usableFromInline
    init() {}

    @usableFromInline
    final func begin(_ row: any ResultRow, _ columns: ColumnNames) {
        if self.columns !== columns {
            self.columns = columns
            detours.removeAll(keepingCapacity: true)
        }
        self.row = row
        step = 0
        nextColumn = 0
        lastColumn = nil
    }

    @usableFromInline
    final var decoder: any Decoder { RowDecoder(source: self) }

    /// Makes the row unreadable: its memory is the back end's, and the decoder may have been kept.
    @usableFromInline
    final func end() { row = nil }

    /// The column of a key. Most types ask for the columns in their order, and every type asks for the same keys in the
    /// same order for each row, so that few names are looked up twice.
    @inline(__always)
    final func column(of key: String) -> Int? {
        if nextColumn < columns.names.count, columns.names[nextColumn] == key {
            step += 1
            nextColumn += 1
            return nextColumn - 1
        }
        return detour(key)
    }

    private final func detour(_ key: String) -> Int? {
        let column: Int?
        if step < detours.count, let known = detours[step], known.key == key {
            column = known.column
        } else {
            column = columns.index(of: key) ?? columns.index(of: SnakeCase.name(of: key))
            // A type of a thousand keys in changing order must not make this grow.
            if step < 256 {
                while detours.count <= step { detours.append(nil) }
                detours[step] = (key, column)
            }
        }
        step += 1
        if let column { nextColumn = column + 1 }
        return column
    }

    /// The column of a key that will be asked for once more: `contains` and `decodeNil` come before `decode`.
    final func peekColumn(of key: String) -> Int? {
        let (step, nextColumn) = (self.step, self.nextColumn)
        defer { (self.step, self.nextColumn) = (step, nextColumn) }
        return column(of: key)
    }

    @inline(__always)
    final func cell(_ column: Int) throws(DatabaseError) -> Cell {
        lastColumn = column
        guard let row else {
            throw DatabaseError(.usage, "a decoder of a row is used after the row's init(from:) has returned")
        }
        return row.cell(column)
    }

    @inline(__always)
    final func value<Value: ColumnValue>(_ type: Value.Type, at column: Int) throws(DatabaseError) -> Value {
        let cell = try cell(column)
        do {
            return try Value(cell)
        } catch {
            throw self.error(error, at: column, type)
        }
    }

    final func error<Value>(_ error: CellError, at column: Int, _ type: Value.Type) -> DatabaseError {
        DatabaseError(error, column: name(column), type)
    }

    final func name(_ column: Int) -> String { columns.names[column] }

    /// The error of a type's own `init(from:)`, whose description may contain the value.
    @usableFromInline
    final func misfit<Value>(_ error: any Error, _ type: Value.Type) -> DatabaseError {
        if case DecodingError.keyNotFound(let key, _) = error { return missing(key.stringValue, type) }
        let place = lastColumn.map { "column \"\(name($0))\"" } ?? "a row"
        return DatabaseError(.data, "\(place) does not fit \(type)")
    }

    final func missing<Value>(_ key: String, _ type: Value.Type) -> DatabaseError {
        let names = columns.names.prefix(50).joined(separator: ", ")
        return DatabaseError(.usage, "no column is called \"\(key)\", to be read as \(type); the columns are: \(names)")
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
