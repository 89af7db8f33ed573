/// Reads rows as values of a `Decodable` type.
///
/// A type that is a ``ColumnValue`` takes the only column of a row. Any other asks for columns by its keys: the column
/// of that name, else the one of the name in snake case (`createdAt`: `created_at`). A property that is neither a
/// column value nor a raw-value type of one is decoded from the column's JSON. An optional property whose column is not
/// in the result is `nil`.
package final class DecodableReader<Row: Decodable>: RowReader {
    private let source = RowSource()
    private let single = Row.self as? any ColumnValue.Type

    package init(_ type: Row.Type = Row.self) {}

    package func read(_ row: any ResultRow) throws(DatabaseError) -> Row {
        if let single {
            guard row.columns.count == 1 else {
                throw DatabaseError(
                    .usage, "the result has \(row.columns.count) columns, and \(Row.self) is the type of one")
            }
            do {
                if let value = try single.init(row.cell(0)) as? Row { return value }
            } catch {
                throw DatabaseError(error, column: row.columns.names[0], Row.self)
            }
        }
        source.begin(row)
        defer { source.end() }
        do {
            return try Row(from: RowDecoder(source: source))
        } catch let error as DatabaseError {
            throw error
        } catch {
            throw source.misfit(error, Row.self)
        }
    }
}

/// The row that is being read, and what earlier rows have taught about its keys.
final class RowSource {
    private(set) var row: (any ResultRow)?
    private var columns: ColumnNames?
    /// By step of a row's decoding: the key that was asked for the last time, and its column.
    private var steps: [(key: String, column: Int?)] = []
    private var step = 0
    private(set) var lastColumn: Int?

    func begin(_ row: any ResultRow) {
        if columns !== row.columns {
            columns = row.columns
            steps.removeAll(keepingCapacity: true)
        }
        self.row = row
        step = 0
        lastColumn = nil
    }

    /// Makes the row unreadable: its memory is the back end's, and the decoder may have been kept.
    func end() { row = nil }

    /// The column of a key. A type asks for the same keys in the same order for each row, so that the names are
    /// compared once with the columns' and then with the last row's.
    @inline(__always)
    func column(of key: String) -> Int? {
        if step < steps.count, steps[step].key == key {
            let column = steps[step].column
            step += 1
            return column
        }
        return find(key)
    }

    private func find(_ key: String) -> Int? {
        let column = columns.flatMap { $0.index(of: key) ?? $0.index(of: SnakeCase.name(of: key)) }
        steps.removeSubrange(min(step, steps.count)...)
        // A type of a thousand keys in changing order must not make this grow.
        if steps.count < 256 {
            steps.append((key, column))
            step = steps.count
        }
        return column
    }

    /// Repeats a key: `contains`, `decodeNil` and `decode` of one property are one step.
    func stepBack() { step = max(0, step - 1) }

    @inline(__always)
    func cell(_ column: Int) throws(DatabaseError) -> Cell {
        lastColumn = column
        guard let row else {
            throw DatabaseError(.usage, "a decoder of a row is used after the row's init(from:) has returned")
        }
        return row.cell(column)
    }

    @inline(__always)
    func value<Value: ColumnValue>(_ type: Value.Type, at column: Int) throws(DatabaseError) -> Value {
        let cell = try cell(column)
        do {
            return try Value(cell)
        } catch {
            throw self.error(error, at: column, type)
        }
    }

    func error<Value>(_ error: CellError, at column: Int, _ type: Value.Type) -> DatabaseError {
        DatabaseError(error, column: name(column), type)
    }

    func name(_ column: Int) -> String { columns?.names[column] ?? "" }

    /// The error of a type's own `init(from:)`, whose description may contain the value.
    func misfit<Value>(_ error: any Error, _ type: Value.Type) -> DatabaseError {
        if case DecodingError.keyNotFound(let key, _) = error { return missing(key.stringValue, type) }
        let place = lastColumn.map { "column \"\(name($0))\"" } ?? "a row"
        return DatabaseError(.data, "\(place) does not fit \(type)")
    }

    func missing<Value>(_ key: String, _ type: Value.Type) -> DatabaseError {
        let names = columns?.names.prefix(50).joined(separator: ", ") ?? ""
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
