@testable import GatehouseDatabase

/// A row in memory of its own, as a back end would hand it over.
final class TestRow: ResultRow {
    private let dialect: Dialect
    private let values: [TestValue]
    private let memory: [UnsafeMutableBufferPointer<UInt8>]

    init(_ columns: ColumnNames, _ values: [TestValue], _ dialect: Dialect = .postgreSQL) {
        self.values = values
        self.dialect = dialect
        memory = values.map { value in
            let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: value.bytes.count)
            _ = memory.initialize(from: value.bytes)
            return memory
        }
        super.init(columns: columns)
    }

    convenience init(_ fields: KeyValuePairs<String, TestValue>, _ dialect: Dialect = .postgreSQL) {
        self.init(ColumnNames(fields.map(\.key)), fields.map(\.value), dialect)
    }

    deinit { for memory in memory { memory.deallocate() } }

    override func cell(_ index: Int) -> Cell {
        let bytes = UnsafeBufferPointer(memory[index])
        return switch values[index] {
        case .null: Cell(.null, dialect)
        case .integer(let value): Cell(.integer(value), dialect)
        case .unsigned(let value): Cell(.unsigned(value), dialect)
        case .real(let value): Cell(.real(value), dialect)
        case .text: Cell(.text(bytes), dialect)
        case .bytes: Cell(.bytes(bytes), dialect)
        }
    }
}

/// A value as a database sends it.
enum TestValue: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral,
    ExpressibleByFloatLiteral
{
    case null
    case integer(Int64)
    case unsigned(UInt64)
    case real(Double)
    case text([UInt8])
    case bytes([UInt8])

    init(stringLiteral value: String) { self = .text(Array(value.utf8)) }
    init(integerLiteral value: Int64) { self = .integer(value) }
    init(floatLiteral value: Double) { self = .real(value) }
    init(nilLiteral: ()) { self = .null }

    static func text(_ text: String) -> TestValue { .text(Array(text.utf8)) }

    var bytes: [UInt8] {
        switch self {
        case .text(let bytes), .bytes(let bytes): bytes
        case .null, .integer, .unsigned, .real: []
        }
    }

    /// Reads the value as a column of a dialect.
    func read<Value: ColumnValue>(
        _ type: Value.Type = Value.self, _ dialect: Dialect = .postgreSQL
    ) throws(CellError) -> Value {
        let row = TestRow(ColumnNames(["c"]), [self], dialect)
        // The row holds the memory of its cells.
        let result = Result { () throws(CellError) in try Value(row.cell(0)) }
        return try withExtendedLifetime(row) { () throws(CellError) in try result.get() }
    }

    /// The reason why a value cannot be read; `nil` if it can be.
    func refusal<Value: ColumnValue>(_ type: Value.Type, _ dialect: Dialect = .postgreSQL) -> String? {
        do {
            _ = try read(type, dialect)
            return nil
        } catch {
            return error.description
        }
    }

    /// A bound value as it would come back from a column of its own type.
    init(_ value: SQLValue, _ dialect: Dialect) {
        switch (value, dialect) {
        case (.null, _), (.invalid, _): self = .null
        case (.integer(let value), .mySQL), (.integer(let value), .sqlite): self = .integer(value)
        case (.bool(let value), .mySQL), (.bool(let value), .sqlite): self = .integer(value ? 1 : 0)
        case (.unsigned(let value), .mySQL): self = .unsigned(value)
        case (.real(let value), .mySQL), (.real(let value), .sqlite): self = .real(value)
        case (.bytes(let bytes), .mySQL), (.bytes(let bytes), .sqlite): self = .bytes(bytes)
        case (.bytes(let bytes), .postgreSQL):
            self = .text("\\x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        default:
            var text: [UInt8] = []
            value.appendText(for: dialect, to: &text)
            self = .text(text)
        }
    }
}
