import FoundationEssentials
import GatehouseDatabase
import Testing

struct BytesTests {
    @Test func `bytes have two text forms on PostgreSQL, behaviour 23`() throws {
        #expect(try TestValue(#"\x00ff4A"#).read([UInt8].self) == [0, 255, 0x4a])
        #expect(try TestValue(#"\x"#).read([UInt8].self) == [])
        #expect(try TestValue(#"a\\b\000\377"#).read([UInt8].self) == [97, 92, 98, 0, 255])
        #expect(try TestValue("").read(Data.self) == Data())
        #expect(try TestValue(#"\x6162"#).read(Data.self) == Data([97, 98]))
        for text in [#"\x0"#, #"\x0g"#, #"\"#, #"\9"#, #"\400"#, #"\00"#, #"\08a"#] {
            #expect(TestValue.text(text).refusal([UInt8].self) == "is no bytes", "\(text)")
        }
    }

    @Test func `bytes of MySQL and SQLite are read as they are`() throws {
        for dialect in [Dialect.mySQL, .sqlite] {
            #expect(try TestValue.bytes([92, 120, 0]).read([UInt8].self, dialect) == [92, 120, 0])
            #expect(try TestValue(#"\x41"#).read([UInt8].self, dialect) == Array(#"\x41"#.utf8))
            #expect(TestValue.integer(1).refusal([UInt8].self, dialect) == "is a number, and no bytes")
            #expect(TestValue.null.refusal(Data.self, dialect) == "is NULL")
        }
        #expect(([1, 2] as [UInt8]).sqlValue == .bytes([1, 2]))
        #expect(([] as [UInt8]).sqlValue == .bytes([]))
    }

    @Test func `a UUID is 36 characters, or 16 bytes in the order in which they are written, behaviour 23`() throws {
        let text = "00112233-4455-6677-8899-aabbccddeeff"
        let uuid = try #require(UUID(uuidString: text))
        #expect(uuid.sqlValue == .uuid(text))
        #expect(try TestValue.text(text).read(UUID.self) == uuid)
        #expect(try TestValue.text(text.uppercased()).read(UUID.self, .sqlite) == uuid)
        let bytes: [UInt8] = (0...15).map { $0 * 0x11 }
        #expect(try TestValue.bytes(bytes).read(UUID.self, .mySQL) == uuid)
        #expect(try TestValue.bytes(Array(text.utf8)).read(UUID.self, .mySQL) == uuid)
        for bad: TestValue in [
            "", "00112233445566778899aabbccddeeff", "{00112233-4455-6677-8899-aabbccddeeff}",
            "00112233-4455-6677-8899-aabbccddeefg", "001122334-455-6677-8899-aabbccddeeff", 5,
            .bytes(Array(bytes.dropLast())), "0123456789abcdef",
        ] {
            #expect(bad.refusal(UUID.self) == "is no UUID")
        }
    }

    @Test func `text must be UTF-8, of any plane, behaviour 22`() throws {
        #expect(try TestValue("schön 🦉").read(String.self) == "schön 🦉")
        #expect(try TestValue.bytes(Array("a".utf8)).read(String.self, .mySQL) == "a")
        for bytes: [UInt8] in [
            [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0xa6], [0xf4, 0x90, 0x80, 0x80],
        ] {
            #expect(TestValue.text(bytes).refusal(String.self) == "is no UTF-8 text")
        }
    }
}
