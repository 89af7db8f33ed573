import FoundationEssentials

/// Values of a session as JSON. Texts and whole numbers, which are nearly all, do without the coders.
enum SessionValueCoding {
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        if let text = value as? String, isPlain(text.utf8) { return [0x22] + Array(text.utf8) + [0x22] }
        if let number = value as? Int { return Array("\(number)".utf8) }
        return Array(try JSONEncoder().encode(value))
    }

    /// - Returns: `nil` if the value is of another type.
    static func decode<Value: Decodable>(_ bytes: [UInt8], as type: Value.Type) -> Value? {
        if type == String.self, bytes.count >= 2, bytes.first == 0x22, bytes.last == 0x22 {
            let inner = bytes.dropFirst().dropLast()
            if isPlain(inner) { return String(decoding: inner, as: UTF8.self) as? Value }
        }
        if type == Int.self, let number = Int(String(decoding: bytes, as: UTF8.self)) { return number as? Value }
        return try? JSONDecoder().decode(type, from: Data(bytes))
    }

    /// Whether JSON has the text as it is, without escapes (RFC 8259, section 7).
    private static func isPlain(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }
    }
}
