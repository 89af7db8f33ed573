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
    /// - Parameter memory: the names that earlier requests had.
    static func decode(
        _ bytes: consuming [UInt8], limits: Limits, memory: NameMemory?
    ) throws(Refusal) -> GatewayVariables {
        var names = memory?.expected
        var decoder = PairDecoder()
        let entries = try bytes.withUnsafeBufferPointer { (stream) throws(Refusal) in
            let expected = names.map { expectedPairs($0, in: stream, &decoder, limits) } ?? []
            if decoder.offset == stream.count, expected.count == names?.count { return expected }
            names = nil
            return try remainingPairs(after: expected, in: stream, &decoder, limits, memory)
        }
        return GatewayVariables(bytes: bytes, entries: entries, names: names)
    }

    /// The first pairs, as far as their names are the expected ones.
    @inline(__always)
    private static func expectedPairs(
        _ names: ParameterNames, in stream: UnsafeBufferPointer<UInt8>, _ decoder: inout PairDecoder, _ limits: Limits
    ) -> [GatewayVariables.Entry] {
        let longest = limits.parameterValueLength
        return names.entries(of: stream, from: &decoder, smallestPair: 2, limits) { nameLength, next in
            guard let lengths = next.nextLengths(in: stream), lengths.name == nameLength, lengths.value <= longest,
                let name = next.nextPair(lengths, in: stream)
            else { return nil }
            return GatewayVariables.Entry(
                name: name, nameLength: nameLength, value: name &+ nameLength, valueLength: lengths.value)
        }
    }

    private static func remainingPairs(
        after first: [GatewayVariables.Entry], in stream: UnsafeBufferPointer<UInt8>, _ decoder: inout PairDecoder,
        _ limits: Limits, _ memory: NameMemory?
    ) throws(Refusal) -> [GatewayVariables.Entry] {
        var index = ParameterIndex(first, in: stream, expected: min(32, stream.count / 2))
        var count = first.count
        while decoder.offset < stream.count {
            count += 1
            guard let lengths = decoder.nextLengths(in: stream) else { throw pastTheEnd(count, stream.count) }
            try ParameterLimits.check(count: count, nameLength: lengths.name, valueLength: lengths.value, limits)
            guard let name = decoder.nextPair(lengths, in: stream) else { throw pastTheEnd(count, stream.count) }
            let entry = GatewayVariables.Entry(
                name: name, nameLength: lengths.name, value: name + lengths.name, valueLength: lengths.value)
            index.take(entry, of: stream)
        }
        index.note(in: memory, stream)
        return index.entries
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
        if bytes.count &- offset >= 2 {
            let name = bytes[offset]
            let value = bytes[offset &+ 1]
            if (name | value) & 0x80 == 0 {
                offset &+= 2
                return (Int(name), Int(value))
            }
        }
        guard let lengths = Self.longLengths(in: bytes, at: offset) else { return nil }
        offset = lengths.end
        return (lengths.name, lengths.value)
    }

    /// The two lengths, if one of them has four bytes.
    @inline(never)
    private static func longLengths(
        in bytes: UnsafeBufferPointer<UInt8>, at start: Int
    ) -> (name: Int, value: Int, end: Int)? {
        var end = start
        guard let name = length(in: bytes, &end), let value = length(in: bytes, &end) else { return nil }
        return (name, value, end)
    }

    /// The position at which a pair with these lengths begins; `nil` if it runs past the end. Lengths are compared only
    /// with the bytes that are left, so no sum of numbers from the peer can overflow.
    @inline(__always)
    mutating func nextPair(_ lengths: (name: Int, value: Int), in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let left = bytes.count &- offset
        guard lengths.name <= left, lengths.value <= left &- lengths.name else { return nil }
        defer { offset &+= lengths.name &+ lengths.value }
        return offset
    }

    private static func length(in bytes: UnsafeBufferPointer<UInt8>, _ offset: inout Int) -> Int? {
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
