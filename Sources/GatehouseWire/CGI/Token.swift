/// RFC 9110's token (section 5.6.2): what methods and field names are made of.
enum Token {
    /// One bit for each allowed byte below 64, and from there to 127.
    private static let low = bits("!#$%&'*+-.0123456789", from: 0)
    private static let high = bits("ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~", from: 64)

    private static func bits(_ allowed: StaticString, from first: UInt8) -> UInt64 {
        var mask: UInt64 = 0
        for index in 0..<allowed.utf8CodeUnitCount { mask |= 1 << UInt64(allowed.utf8Start[index] - first) }
        return mask
    }

    static func isToken(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let low = low
        let high = high
        for byte in bytes {
            let mask = byte < 64 ? low : byte < 128 ? high : 0
            if mask >> UInt64(byte & 63) & 1 == 0 { return false }
        }
        return !bytes.isEmpty
    }
}
