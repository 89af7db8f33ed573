/// Base64 in the alphabet of URLs and cookies, without padding (RFC 4648, section 5).
public enum Base64URL {
    /// Encodes bytes: four characters for each three.
    public static func encode(_ bytes: [UInt8]) -> String {
        let length = (bytes.count / 3) * 4 + (bytes.count % 3 == 0 ? 0 : bytes.count % 3 + 1)
        return String(unsafeUninitializedCapacity: length) { text in
            var written = 0
            var position = 0
            while position < bytes.count {
                let rest = bytes.count - position
                let group =
                    UInt32(bytes[position]) << 16 | (rest > 1 ? UInt32(bytes[position + 1]) << 8 : 0)
                    | (rest > 2 ? UInt32(bytes[position + 2]) : 0)
                for index in 0..<min(rest + 1, 4) {
                    text[written] = character(UInt8(truncatingIfNeeded: group >> UInt32(18 - 6 * index)) & 63)
                    written += 1
                }
                position += 3
            }
            return written
        }
    }

    /// Decodes text that ``encode(_:)`` can have made; `nil` for any other: another character, padding, a length that
    /// no bytes have, bits that belong to no byte. So two texts never stand for the same bytes.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var bits: UInt32 = 0
        var count = 0
        for character in text {
            let value = value(of: character)
            guard value < 64 else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        return bits == 0 ? bytes : nil
    }

    /// Decodes a string, as ``decode(_:)`` does.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? { decode(text.utf8) }

    /// The character of six bits.
    private static func character(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: value + UInt8(ascii: "A")
        case 26..<52: value - 26 + UInt8(ascii: "a")
        case 52..<62: value - 52 + UInt8(ascii: "0")
        case 62: UInt8(ascii: "-")
        default: UInt8(ascii: "_")
        }
    }

    /// The six bits of a character; 64 if it is none of the alphabet.
    private static func value(of character: UInt8) -> UInt8 {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: 64
        }
    }
}
