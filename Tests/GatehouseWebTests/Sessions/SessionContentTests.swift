@testable import GatehouseWeb
import TestSupport
import Testing

struct SessionContentTests {
    @Test func `a session's bytes are read as they were written`() {
        for values: [String: [UInt8]] in [
            [:], ["a": []], ["cart": Array("[1,2]".utf8), "ü": [0, 255]],
            [String(repeating: "n", count: 255): [UInt8](repeating: 7, count: 70_000)],
        ] {
            let content = SessionContent(created: 1_800_000_000, used: 1_900_000_000, values: values)
            #expect(SessionContent(content.bytes) == content)
        }
        #expect(SessionContent(SessionContent(created: -1, used: 1 << 40).bytes)?.used == Int(UInt32.max))
    }

    @Test func `bytes that are no session are none, and trap nothing`() {
        let bytes = SessionContent(created: 1, used: 2, values: ["a": [1, 2, 3], "bc": []]).bytes
        let whole = [8, 16, 22]
        for count in 0...bytes.count {
            #expect((SessionContent(Array(bytes[..<count])) != nil) == whole.contains(count), "\(count)")
        }
        #expect(SessionContent(Array(repeating: 0, count: 8) + [1, 0, 0, 0, 0xff]) == nil)
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...40, using: &generator)
            _ = SessionContent((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
    }

    @Test func `values are JSON, and those of another type are none`() throws {
        struct Cart: Codable, Equatable { var ids: [Int] }
        func roundTrip<Value: Codable & Equatable>(_ value: Value) throws {
            let bytes = try SessionValueCoding.encode(value)
            #expect(SessionValueCoding.decode(bytes, as: Value.self) == value)
        }
        try roundTrip("plain")
        try roundTrip("")
        try roundTrip("\"quoted\" \\ ü \u{0} \n")
        try roundTrip(-7)
        try roundTrip(Int.max)
        try roundTrip(2.5)
        try roundTrip(true)
        try roundTrip(Cart(ids: [1, 2]))
        try roundTrip(String?.some("x"))
        #expect(try SessionValueCoding.decode(SessionValueCoding.encode("7"), as: Int.self) == nil)
        #expect(try SessionValueCoding.decode(SessionValueCoding.encode(7), as: String.self) == nil)
        #expect(SessionValueCoding.decode(Array("{".utf8), as: Cart.self) == nil)
        #expect(try SessionValueCoding.encode("plain") == Array(#""plain""#.utf8))
    }
}
