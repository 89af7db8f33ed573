import FoundationEssentials
import GatehouseWeb
import Testing

/// JSON as a form's body: what it costs to read is known before it is read. Row N3.
struct JSONFieldsTests {
    private let limits = FormLimits(fields: 10)

    private func fields(_ text: String, _ encoding: String.Encoding = .utf8) throws -> [String] {
        let data = try #require(text.data(using: encoding))
        return try FormFields(json: data, limits: limits).fields.map { "\($0.name)=\($0.value)" }
    }

    @Test func `texts, nulls and empty lists count, wherever they are`() throws {
        #expect(try fields(#"{"a":[1,2,3,4,5],"b":{"c":[true,[]],"d":"x,[,","e":null}}"#).count == 7)
        for leaf in ["null", "[]", "{}", "1", "\"\"", "[[[1]]]"] {
            let ten = [String](repeating: leaf, count: 10).joined(separator: ",")
            #expect(throws: Never.self) { try fields("{\"a\":[\(ten)]}") }
            #expect(throws: FormError(.tooManyFields(limit: 10)), "\(leaf)") { try fields("{\"a\":[\(ten),\(leaf)]}") }
        }
    }

    @Test func `no other encoding than UTF-8 hides how deep it is`() throws {
        // The character has the byte of a quote in it.
        let deep = #"{"∀":"# + String(repeating: "[", count: 20) + String(repeating: "]", count: 20) + "}"
        #expect(throws: FormError(.tooDeep(limit: 16))) { try fields(deep) }
        for encoding: String.Encoding in [
            .utf16, .utf16LittleEndian, .utf16BigEndian, .utf32, .utf32LittleEndian, .utf32BigEndian,
        ] {
            #expect(throws: FormError(.malformed), "\(encoding)") { try fields(deep, encoding) }
            #expect(throws: FormError(.malformed), "\(encoding)") { try fields(#"{"a":"b"}"#, encoding) }
        }
    }

    @Test func `a name that is too long is none for what is in it, either`() {
        let name = String(repeating: "a", count: 2_000)
        for inner in ["null", "{\"b\":null}", "[]", "1"] {
            #expect(throws: FormError(.nameTooLong(limit: 1_024))) { try fields("{\"\(name)\":\(inner)}") }
        }
    }
}
