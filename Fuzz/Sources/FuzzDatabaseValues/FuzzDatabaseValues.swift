import FoundationEssentials
import FuzzSupport
import GatehouseDatabase

/// Input: a byte that says the dialect and whether the value is bytes, then a column's value as a server sends it.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let flags = input.byte()
    let dialect = Dialect.allCases[Int(flags & 3) % Dialect.allCases.count]
    let text = Array(input.rest)
    text.withUnsafeBufferPointer { bytes in
        let cell = Cell(flags & 4 == 0 ? .text(bytes) : .bytes(bytes), dialect)
        if flags & 4 == 0 { checkNumbers(cell, String(decoding: text, as: UTF8.self)) }
        checkReturn(try? Date(cell), dialect)
        checkReturn(try? UUID(cell), dialect)
        checkReturn(try? Bool(cell), dialect)
        checkReturn(try? [UInt8](cell), dialect)
        checkReturn(try? Data(cell), dialect)
        checkReturn(try? String(cell), dialect)
        checkReturn(try? JSON<[String: [Int?]]>(cell), dialect)
        checkReturn(try? JSON<Tree>(cell), dialect)
        if text.count == 8 { checkBits(text, dialect) }
    }
    return 0
}

/// A document of any depth.
private struct Tree: Codable, Equatable {
    var children: [Tree]?
    var date: Date?
}

/// A value that could be read is written and read as the same.
private func checkReturn<Value: ColumnValue & Equatable>(_ value: Value?, _ dialect: Dialect) {
    guard let value else { return }
    let sql: SQL = "\(value)"
    guard let flat = try? sql.flatValues(for: dialect), let bound = flat.first else { return }
    var text: [UInt8] = []
    var read: Value?
    if case .bytes(let bytes) = bound {
        read = bytes.withUnsafeBufferPointer { try? Value(Cell(.bytes($0), dialect)) }
    } else {
        bound.appendText(for: dialect, to: &text)
        read = text.withUnsafeBufferPointer { try? Value(Cell(.text($0), dialect)) }
    }
    if let date = value as? Date, let other = read as? Date {
        // SQLite's have milliseconds, and a Date far from 2001 has no microseconds.
        let step = dialect == .sqlite ? 0.001 : 0.000_001
        let distance = abs(date.timeIntervalSince(other))
        require(distance <= step + date.timeIntervalSinceReferenceDate.ulp * 4, "\(date) comes back as \(other)")
        return
    }
    require(read == value, "\(Value.self) \(bound) comes back as another on \(dialect)")
}

/// Numbers agree with the standard library's, as far as that reads the same forms.
private func checkNumbers(_ cell: Cell, _ text: String) {
    let isPlain = text.utf8.allSatisfy { 48...57 ~= $0 || $0 == 45 }
    if isPlain {
        require((try? Int(cell)) == Int(text), "Int of \(text)")
        require(
            (try? UInt8(cell)) == (text.hasPrefix("-") ? (Int(text) == 0 ? 0 : nil) : UInt8(text)), "UInt8 of \(text)")
    }
    if let number = try? Int64(cell) { require(Double(text).map { abs($0 - Double(number)) <= 2_048 } ?? false, text) }
    if let number = try? Double(cell), number.isFinite {
        require(Double(text) == number, "Double of \(text) is \(number)")
        if let exact = try? Decimal(cell) {
            // A Decimal is not nearer to the text than a Double that holds all its digits.
            require(Double("\(exact)") == number, "Decimal of \(text) is \(exact), Double is \(number)")
        }
    }
    if let number = try? Decimal(cell) {
        var again: [UInt8] = []
        number.sqlValue.appendText(for: cell.dialect, to: &again)
        let read = again.withUnsafeBufferPointer { try? Decimal(Cell(.text($0), cell.dialect)) }
        require(read == number, "Decimal of \(text)")
    }
    _ = try? Float(cell)
}

/// The numbers of SQLite and MySQL, by their bits.
private func checkBits(_ bytes: [UInt8], _ dialect: Dialect) {
    let bits = bytes.reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    let cells = [
        Cell(.real(Double(bitPattern: bits)), dialect), Cell(.integer(Int64(bitPattern: bits)), dialect),
        Cell(.unsigned(bits), dialect),
    ]
    for cell in cells {
        _ = (try? Int8(cell), try? UInt64(cell), try? Float(cell), try? Bool(cell), try? String(cell))
        if let double = try? Double(cell), let whole = try? Int64(cell) {
            require(Double(exactly: whole) == double, "\(whole) is \(double)")
        }
        if let decimal = try? Decimal(cell), let double = try? Double(cell) {
            require(Double("\(decimal)") == double, "\(decimal) is \(double)")
        }
    }
}

@_cdecl("FuzzDatabaseValues_main")
public func run(_ count: CInt, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDriver.run(count, words, test)
}
