import FoundationEssentials
import GatehouseDatabase
import TestSupport
import Testing

/// Random values of every type come back from the form in which they are bound, on every dialect. Garbage is an error
/// (row F1).
struct RoundTripTests {
    private func roundTrip<Value: ColumnValue & Equatable>(_ value: Value, _ dialect: Dialect) {
        do {
            let bound: SQL = "SELECT \(value)"
            for flat in try bound.flatValues(for: dialect) {
                #expect(try TestValue(flat, dialect).read(Value.self, dialect) == value, "\(dialect) \(flat)")
            }
        } catch {
            Issue.record("\(dialect), \(value): \(error)")
        }
    }

    private func everywhere<Value: ColumnValue & Equatable>(_ value: Value) {
        for dialect in Dialect.allCases {
            roundTrip(value, dialect)
            roundTrip(Optional(value), dialect)
            roundTrip([value], dialect)
            roundTrip([value, nil], dialect)
            roundTrip([[value], [value]], dialect)
        }
    }

    private func text(_ generator: inout SeededGenerator) -> String {
        let alphabet = Array("ab \"\\{}[],\n\t'`$?é🦉\u{1}\u{7f}N").map(String.init)
        return (0..<generator.within(0...12)).map { _ in alphabet[generator.within(0...(alphabet.count - 1))] }.joined()
    }

    private func decimal(_ generator: inout SeededGenerator) -> Decimal {
        let digits = (0..<generator.within(1...38)).map { _ in "\(generator.within(0...9))" }.joined()
        let point = generator.within(0...digits.count)
        let text = "\(generator.percent(50) ? "-" : "")\(digits.prefix(point)).\(digits.dropFirst(point))"
        return Decimal(string: text) ?? 0
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `random values of the plain types`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<10 {
            everywhere(Int64(truncatingIfNeeded: generator.next()) >> Int64(generator.within(0...63)))
            everywhere(Int32(truncatingIfNeeded: generator.next()))
            everywhere(UInt16(truncatingIfNeeded: generator.next()))
            everywhere(generator.percent(50))
            everywhere(text(&generator))
            everywhere((0..<generator.within(0...9)).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
            everywhere(
                UUID(uuid: withUnsafeBytes(of: (generator.next(), generator.next())) { $0.load(as: uuid_t.self) }))
            everywhere(decimal(&generator))
            let real = Double(bitPattern: generator.next())
            if real.isFinite { everywhere(real) }
            let small = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
            if small.isFinite { everywhere(small) }
        }
    }

    @Test func `random moments, to the microsecond where the dialect has it`() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            // 1900 to 2100, where a Date has microseconds.
            let microseconds = Int64.random(in: -2_208_988_800_000_000..<4_102_444_800_000_000, using: &generator)
            let whole = Date(timeIntervalSinceReferenceDate: Double(microseconds - 978_307_200_000_000) / 1_000_000)
            #expect(whole.sqlValue == .instant(microseconds: microseconds))
            roundTrip(whole, .postgreSQL)
            roundTrip(whole, .mySQL)
            let milliseconds = Double(microseconds / 1_000 - 978_307_200_000) / 1_000
            roundTrip(Date(timeIntervalSinceReferenceDate: milliseconds), .sqlite)
        }
    }

    @Test func `days of ten thousand years are read and written`() throws {
        var text: [UInt8] = []
        var before: Date?
        for day in stride(from: -719_162, to: 2_932_896 as Int64, by: 23) {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400)
            text.removeAll(keepingCapacity: true)
            date.sqlValue.appendText(for: .mySQL, to: &text)
            let read = try text.withUnsafeBufferPointer { try Date(Cell(.text($0), .mySQL)) }
            guard read == date, before != date else {
                Issue.record("day \(day) is written as \(String(decoding: text, as: UTF8.self)) and read as another")
                return
            }
            before = read
        }
    }

    @Test func `random JSON documents`() {
        struct Document: Codable, Equatable { var text: String; var numbers: [Double?]; var date: Date }
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            let document = Document(
                text: text(&generator), numbers: [Double(generator.within(-999...999)) / 8, nil],
                date: Date(timeIntervalSinceReferenceDate: Double(generator.within(0...1_000_000_000))))
            everywhere(JSON(document))
        }
    }

    @Test func `garbage from a server is an error, and never a trap, behaviour 25`() {
        var generator = SeededGenerator(seed: 11)
        let alphabet = Array("0123456789-+.:eEtTZ {}[]\",\\xNULBCfinty \u{0}é".utf8)
        func refuse(_ value: TestValue, _ dialect: Dialect) {
            let types: [any ColumnValue.Type] = [
                Int.self, UInt8.self, Bool.self, Double.self, Float.self, Decimal.self, String.self, [UInt8].self,
                Data.self, Date.self, UUID.self, [Int].self, [[String]].self, [Date?].self, JSON<[Int]>.self,
            ]
            for type in types { _ = try? value.read(type, dialect) }
        }
        for _ in 0..<1_000 {
            let bytes = (0..<generator.within(0...40)).map { _ in
                generator.percent(95)
                    ? alphabet[generator.within(0...(alphabet.count - 1))] : UInt8(truncatingIfNeeded: generator.next())
            }
            for dialect in Dialect.allCases {
                refuse(.text(bytes), dialect)
                refuse(.bytes(bytes), dialect)
            }
            refuse(.real(Double(bitPattern: generator.next())), .sqlite)
            refuse(.integer(Int64(bitPattern: generator.next())), .sqlite)
            refuse(.unsigned(generator.next()), .mySQL)
        }
    }
}
