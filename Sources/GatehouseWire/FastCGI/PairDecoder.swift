/// Name-value pairs as FastCGI 1.0, section 3.4, writes them: two lengths of one or four bytes, then name and value.
///
///     +----------------------+-----------------------+------+-------+
///     | 0lllllll             | 0lllllll              |      |       |
///     | or 1lllllll llllllll | or 1lllllll llllllll  | name | value |
///     |    llllllll llllllll |    llllllll llllllll  |      |       |
///     +----------------------+-----------------------+------+-------+
struct PairDecoder {
    private(set) var offset = 0

    /// The two lengths before a pair; `nil` where the stream ends in them.
    @inline(__always)
    mutating func nextLengths(in bytes: UnsafeBufferPointer<UInt8>) -> (name: Int, value: Int)? {
        if bytes.count - offset >= 2 {
            let name = bytes[offset]
            let value = bytes[offset + 1]
            if (name | value) & 0x80 == 0 {
                offset += 2
                return (Int(name), Int(value))
            }
        }
        guard let name = nextLength(in: bytes), let value = nextLength(in: bytes) else { return nil }
        return (name, value)
    }

    /// Where a pair with these lengths begins; `nil` where it runs past the stream's end. Lengths are compared only
    /// with what is left, so that no sum of what the peer says can overflow.
    @inline(__always)
    mutating func nextPair(_ lengths: (name: Int, value: Int), in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let left = bytes.count - offset
        guard lengths.name <= left, lengths.value <= left - lengths.name else { return nil }
        defer { offset += lengths.name + lengths.value }
        return offset
    }

    private mutating func nextLength(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard offset < bytes.count else { return nil }
        let first = Int(bytes[offset])
        if first & 0x80 == 0 {
            offset += 1
            return first
        }
        guard bytes.count - offset >= 4 else { return nil }
        defer { offset += 4 }
        return (first & 0x7f) << 24 | Int(bytes[offset + 1]) << 16 | Int(bytes[offset + 2]) << 8
            | Int(bytes[offset + 3])
    }
}
