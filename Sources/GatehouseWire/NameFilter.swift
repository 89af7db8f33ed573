/// Says of a name that it was certainly not seen before, or perhaps was: one bit of 2,048 per name, so that the forty
/// names of an ordinary request are not compared with each other.
struct NameFilter {
    private var bits = InlineArray<32, UInt64>(repeating: 0)

    /// Whether the name may have been inserted before.
    @inline(__always)
    mutating func insert(_ name: UnsafeRawBufferPointer) -> Bool {
        let hash = Self.hash(name)
        let word = Int(truncatingIfNeeded: hash >> 59)
        let bit: UInt64 = 1 << (hash >> 53 & 63)
        let seen = bits[word] & bit != 0
        bits[word] |= bit
        return seen
    }

    /// Of the length and the first and last bytes. That two names can be made to collide costs a comparison, no more.
    @inline(__always)
    private static func hash(_ name: UnsafeRawBufferPointer) -> UInt64 {
        let count = name.count
        var first: UInt64 = 0
        var last: UInt64 = 0
        if count >= 8 {
            first = name.loadUnaligned(as: UInt64.self)
            last = name.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        } else {
            for byte in name { first = first << 8 | UInt64(byte) }
        }
        let mixed = first ^ (last << 31 | last >> 33) ^ UInt64(truncatingIfNeeded: count)
        let product = mixed &* 0x9e37_79b9_7f4a_7c15
        return (product ^ product >> 32) &* 0x9e37_79b9_7f4a_7c15
    }
}
