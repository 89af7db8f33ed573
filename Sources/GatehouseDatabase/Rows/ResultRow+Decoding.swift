/// A row under the hands of a type's `init(from:)`.
extension ResultRow {
    @usableFromInline
    final func beginDecoding() -> any Decoder {
        lookup.begin(columns)
        return RowDecoder(row: self)
    }

    /// Makes the row unreadable for a decoder that somebody has kept: its memory is the back end's.
    @usableFromInline
    final func endDecoding() { lookup.isDecoding = false }

    @inline(__always)
    final func column(of key: String) -> Int? { lookup.column(of: key) }

    /// The column of a key that will be asked for once more: `contains` and `decodeNil` come before `decode`.
    final func peekColumn(of key: String) -> Int? {
        let (step, nextColumn) = (lookup.step, lookup.nextColumn)
        defer { (lookup.step, lookup.nextColumn) = (step, nextColumn) }
        return lookup.column(of: key)
    }

    /// The cell of a column, for a decoder.
    @inline(__always)
    final func decoded(_ column: Int) throws(DatabaseError) -> Cell {
        lookup.lastColumn = column
        guard lookup.isDecoding else {
            throw DatabaseError(.usage, "a decoder of a row is used after the row's init(from:) has returned")
        }
        return cell(column)
    }

    @inline(__always)
    final func value<Value: ColumnValue>(_ type: Value.Type, at column: Int) throws(DatabaseError) -> Value {
        let cell = try decoded(column)
        do {
            return try Value(cell)
        } catch {
            throw self.error(error, at: column, type)
        }
    }

    // MARK: Errors

    final func error<Value>(_ error: CellError, at column: Int, _ type: Value.Type) -> DatabaseError {
        DatabaseError(error, column: lookup.name(column), type)
    }

    /// The error of a type's own `init(from:)`, whose description may contain the value.
    @usableFromInline
    final func misfit<Value>(_ error: any Error, _ type: Value.Type) -> DatabaseError {
        if case DecodingError.keyNotFound(let key, _) = error { return missing(key.stringValue, type) }
        let place = lookup.lastColumn.map { "column \"\(lookup.name($0))\"" } ?? "a row"
        return DatabaseError(.data, "\(place) does not fit \(type)")
    }

    final func missing<Value>(_ key: String, _ type: Value.Type) -> DatabaseError {
        let names = columns.names.prefix(50).joined(separator: ", ")
        return DatabaseError(.usage, "no column is called \"\(key)\", to be read as \(type); the columns are: \(names)")
    }
}

/// The way from a type's keys to a row's columns, and what earlier rows have taught about it.
struct ColumnLookup {
    /// A key that is not the name of the column where it was looked for first, and its column.
    private typealias Detour = (key: String, column: Int?)

    private var columns = ColumnNames.none
    /// By step of a row's decoding.
    private var detours: [Detour?] = []
    fileprivate var isDecoding = false
    fileprivate var step = 0
    fileprivate var nextColumn = 0
    fileprivate var lastColumn: Int?

    fileprivate mutating func begin(_ columns: ColumnNames) {
        if self.columns !== columns {
            self.columns = columns
            if !detours.isEmpty { detours = [] }
        }
        isDecoding = true
        step = 0
        nextColumn = 0
        lastColumn = nil
    }

    /// The column of a key. Most types ask for the columns in their order, and every type asks for the same keys in the
    /// same order for each row, so that few names are looked up twice.
    @inline(__always)
    fileprivate mutating func column(of key: String) -> Int? {
        if nextColumn < columns.names.count, columns.names[nextColumn] == key {
            step += 1
            nextColumn += 1
            return nextColumn - 1
        }
        return detour(key)
    }

    private mutating func detour(_ key: String) -> Int? {
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

    fileprivate func name(_ column: Int) -> String { columns.names[column] }
}
