/// Decodes a request's whole FCGI_PARAMS stream to `GatewayVariables`.
///
/// A stream is name-value pairs (FastCGI 1.0, section 3.4): two lengths of one or four bytes each, then name and value.
/// The top bit of a length's first byte says that it has four.
///
///     +---------------------+---------------------+------+-------+
///     | nameLength          | valueLength         | name | value |
///     | 0lllllll            | 0lllllll            |      |       |
///     | or 1lllllll (×1)    | or 1lllllll (×1)    |      |       |
///     |    llllllll (×3)    |    llllllll (×3)    |      |       |
///     +---------------------+---------------------+------+-------+
enum ParameterDecoder {
    /// - Parameter expected: the number of pairs to make room for: as many as the connection's last request had.
    static func decode(
        _ bytes: consuming [UInt8], limits: Limits, expected: Int
    ) throws(Refusal) -> GatewayVariables {
        // The smallest pair has two bytes, so a small request reserves little, however many pairs the last one had.
        var index = ParameterIndex(expected: min(expected, bytes.count / 2))
        try bytes.withUnsafeBufferPointer { (stream) throws(Refusal) in
            var decoder = PairDecoder()
            var count = 0
            while decoder.offset < stream.count {
                count += 1
                guard let lengths = decoder.nextLengths(in: stream) else { throw pastTheEnd(count, stream.count) }
                try ParameterLimits.check(count: count, nameLength: lengths.name, valueLength: lengths.value, limits)
                guard let name = decoder.nextPair(lengths, in: stream) else { throw pastTheEnd(count, stream.count) }
                index.take(
                    GatewayVariables.Entry(
                        name: name, nameLength: lengths.name, value: name + lengths.name, valueLength: lengths.value),
                    of: stream)
            }
        }
        return GatewayVariables(bytes: bytes, entries: index.entries)
    }

    private static func pastTheEnd(_ number: Int, _ length: Int) -> Refusal {
        Refusal(httpStatus: 400, reason: "parameter \(number) runs past the stream's end at byte \(length)")
    }
}

/// Reads name-value pairs from bytes that are all there.
struct PairDecoder {
    private(set) var offset = 0

    /// The two lengths before a pair; `nil` if the bytes end within them.
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

    /// The position at which a pair with these lengths begins; `nil` if it runs past the end. Lengths are compared only
    /// with the bytes that are left, so no sum of numbers from the peer can overflow.
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
