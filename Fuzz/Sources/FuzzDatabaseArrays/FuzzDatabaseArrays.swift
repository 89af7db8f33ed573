import FoundationEssentials
import FuzzSupport
import GatehouseDatabase

/// Input: a byte that says the dialect, then the text form of an array.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(start, count)
    let dialect = Dialect.allCases[Int(input.byte() & 3) % Dialect.allCases.count]
    let text = Array(input.rest)
    text.withUnsafeBufferPointer { bytes in
        let cell = Cell(.text(bytes), dialect)
        checkReturn(try? [String](cell), dialect)
        checkReturn(try? [String?](cell), dialect)
        checkReturn(try? [[String]](cell), dialect)
        checkReturn(try? [[[String?]]](cell), dialect)
        checkReturn(try? [Int?](cell), dialect)
        checkReturn(try? [[Int8]](cell), dialect)
        checkReturn(try? [Bool?](cell), dialect)
        checkReturn(try? [[UInt8]?](cell), dialect)
        checkReturn(try? [UUID](cell), dialect)
        checkReturn(try? [Decimal](cell), dialect)
        checkReturn(try? [JSON<[String: String]>](cell), dialect)
        _ = (try? [Double](cell), try? [Date](cell), try? [Float?](cell), try? [[Data]](cell))
        if dialect != .postgreSQL { compare(cell, text) }
    }
    return 0
}

/// An array that could be read is written and read as the same.
private func checkReturn<Value: ColumnValue & Equatable>(_ value: Value?, _ dialect: Dialect) {
    guard let value, let bound = try? ("\(value)" as SQL).flatValues(for: dialect).first else { return }
    var text: [UInt8] = []
    bound.appendText(for: dialect, to: &text)
    let read = text.withUnsafeBufferPointer { try? Value(Cell(.text($0), dialect)) }
    require(read == value, "\(Value.self) comes back as another: \(String(decoding: text, as: UTF8.self))")
}

/// Foundation reads no other texts from an array than this decoder.
private func compare(_ cell: Cell, _ text: [UInt8]) {
    guard let expected = try? JSONDecoder().decode([String].self, from: Data(text)), text.first != 0xef else { return }
    require((try? [String](cell)) == expected, "the decoders disagree on \(expected)")
}

@_cdecl("FuzzDatabaseArrays_main")
public func run(_ count: CInt, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDriver.run(count, words, test)
}
