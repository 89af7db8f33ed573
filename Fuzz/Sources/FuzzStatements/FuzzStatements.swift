import FuzzSupport
import GatehouseDatabase

/// Input: steps, each a byte of kind and length, and as many bytes of text.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    var sql: SQL = ""
    var expected: [SQLValue] = []
    var isOpen = false
    while !input.isEmpty {
        let step = input.byte()
        let text = String(decoding: input.bytes(Int(step & 31)), as: UTF8.self)
        switch step >> 5 {
        case 0, 1:
            sql += SQL(unchecked: text)
            isOpen = true
        case 2:
            sql += "\(text)"
            expected.append(.text(text))
        case 3: sql += " \(identifier: text) "
        case 4:
            sql += " x NOT IN \(list: text.unicodeScalars.map { Int($0.value) })"
            expected.append(.list(text.unicodeScalars.map { .integer(Int64($0.value)) }))
        case 5: sql += "(\(sql))"; expected += expected
        case 6: sql = [sql, "\(list: [text])"].joined(separator: " in "); expected.append(.list([.text(text)]))
        default: sql += " \(text.utf8.count) "; expected.append(.integer(Int64(text.utf8.count)))
        }
        if sql.text.bytes.count > 1 << 16 { return 0 }
    }
    require(sql.values == expected, "values are others than were interpolated")
    for dialect in Dialect.allCases { check(sql, dialect, isOpen: isOpen) }
    require(sql.written.utf8.count <= 4_010, "the written statement is long")
    require(!sql.written.utf8.contains { $0 < 0x20 }, "the written statement has control characters")
    return 0
}

private func check(_ sql: SQL, _ dialect: Dialect, isOpen: Bool) {
    let rendered = try? sql.rendered(for: dialect)
    let values = try? sql.flatValues(for: dialect)
    if sql.isBroken { require(rendered == nil && values == nil, "a broken statement would be sent") }
    guard let rendered else { return }
    require(!rendered.text.utf8.contains { $0 <= 3 }, "a mark or U+0000 would be sent")
    if let values { require(values.count == rendered.parameters, "\(values.count) values for \(rendered.parameters)") }
    // Without text of another origin, every quote is one of an identifier, and nothing else is between two.
    if !isOpen { require(placeholders(rendered.text, dialect) == rendered.parameters, rendered.text) }
}

/// The placeholders outside of quoted identifiers.
private func placeholders(_ text: String, _ dialect: Dialect) -> Int {
    let quote = dialect == .mySQL ? UInt8(ascii: "`") : UInt8(ascii: "\"")
    var isQuoted = false
    var count = 0
    for byte in text.utf8 {
        if byte == quote { isQuoted.toggle() }
        if !isQuoted, byte == UInt8(ascii: dialect == .postgreSQL ? "$" : "?") { count += 1 }
    }
    require(!isQuoted, "a quote is open in \(text)")
    return count
}

@_cdecl("FuzzStatements_main")
public func run(_ count: CInt, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDriver.run(count, words, test)
}
