/// The positions of one request's pairs while they are read, for all protocols' decoders.
struct ParameterIndex {
    private(set) var entries: [GatewayVariables.Entry]
    private var seen = NameFilter()
    private var hasRepetition = false

    /// - Parameters:
    ///   - entries: the first pairs, of which no two have the same name.
    ///   - expected: the number of all pairs, if it can be foreseen.
    init(_ entries: [GatewayVariables.Entry], in bytes: UnsafeBufferPointer<UInt8>, expected: Int) {
        self.entries = entries
        self.entries.reserveCapacity(expected)
        for entry in entries { _ = seen.insert(Self.name(entry, in: bytes)) }
    }

    /// Adds a pair by the rule of FastCGI and uwsgi: it replaces an earlier pair of the same name, since a front server
    /// sends a name twice if its configuration sets it twice, and the later setting is the intended one. Two kinds are
    /// kept beside the earlier one instead: CONTENT_LENGTH, because two different values are refused; and headers of
    /// the client's, because nginx before 1.23 sends each line of a header separately. HTTP_PROXY is left out.
    @inline(__always)
    mutating func take(_ entry: GatewayVariables.Entry, of bytes: UnsafeBufferPointer<UInt8>) {
        if entry.nameLength == 10, GatewayVariables.isProxy(bytes, at: Int(entry.name)) { return }
        if let earlier = earlier(entry, in: bytes), !GatewayVariables.isContentLength(entry, in: bytes),
            !GatewayVariables.isClientHeader(entry, in: bytes)
        {
            replace(earlier, with: entry)
        } else {
            append(entry)
        }
    }

    /// The latest pair with the same name that was added before; `nil` if none was.
    @inline(__always)
    mutating func earlier(_ entry: GatewayVariables.Entry, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard seen.insert(Self.name(entry, in: bytes)) else { return nil }
        return search(entry, in: bytes)
    }

    /// Lets the next request's names be expected to be these.
    func note(in memory: NameMemory?, _ bytes: UnsafeBufferPointer<UInt8>) {
        if !hasRepetition { memory?.note(seen, of: entries, in: bytes) }
    }

    private static func name(
        _ entry: GatewayVariables.Entry, in bytes: UnsafeBufferPointer<UInt8>
    ) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            rebasing: UnsafeRawBufferPointer(bytes)[Int(entry.name)..<Int(entry.name) + Int(entry.nameLength)])
    }

    private mutating func search(_ entry: GatewayVariables.Entry, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let name = Self.name(entry, in: bytes)
        let found = entries.lastIndex { other in
            other.nameLength == entry.nameLength && Self.name(other, in: bytes).elementsEqual(name)
        }
        if found != nil { hasRepetition = true }
        return found
    }

    mutating func append(_ entry: GatewayVariables.Entry) { entries.append(entry) }

    mutating func replace(_ index: Int, with entry: GatewayVariables.Entry) { entries[index] = entry }
}

/// Tells names that are certainly new from those that may have been seen, with one bit of 2,048 for each, so that the
/// forty names of an ordinary request are not compared with each other.
struct NameFilter: Equatable {
    private var bits = InlineArray<32, UInt64>(repeating: 0)

    static func == (one: NameFilter, other: NameFilter) -> Bool {
        one.bits.indices.allSatisfy { one.bits[$0] == other.bits[$0] }
    }

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

    /// A hash of the length and of the first and last eight bytes. Names that are crafted to collide cost one
    /// comparison.
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

/// The limits of parameters, which all protocols' decoders check. It is the client that exceeds them, mostly with long
/// headers, so the answer is 431 (RFC 6585, section 5) and the connection lives.
enum ParameterLimits {
    @inline(__always)
    static func check(count: Int, nameLength: Int, valueLength: Int, _ limits: Limits) throws(Refusal) {
        if count <= limits.parameterCount, nameLength <= limits.parameterNameLength,
            valueLength <= limits.parameterValueLength
        {
            return
        }
        throw excess(count: count, nameLength: nameLength, valueLength: valueLength, limits)
    }

    private static func excess(count: Int, nameLength: Int, valueLength: Int, _ limits: Limits) -> Refusal {
        if count > limits.parameterCount {
            return tooLarge("more than \(limits.parameterCount) parameters")
        }
        if nameLength > limits.parameterNameLength {
            return tooLarge("a parameter's name of \(nameLength) bytes, over \(limits.parameterNameLength)")
        }
        return tooLarge("a parameter's value of \(valueLength) bytes, over \(limits.parameterValueLength)")
    }

    /// The most bytes that one request's parameters may take; `GatewayVariables` keeps positions in 32 bits.
    static func bytes(_ limits: Limits) -> Int { min(limits.parameterBytes, Int(Int32.max)) }

    /// The most bytes that the unfinished parameters of one connection may take: at least those of one request.
    static func headBytes(_ limits: Limits) -> Int { max(limits.headBytesPerConnection, bytes(limits)) }

    static func tooManyBytes(_ limits: Limits) -> Refusal {
        tooLarge("parameters of more than \(limits.parameterBytes) bytes")
    }

    static func tooLarge(_ reason: String) -> Refusal { Refusal(httpStatus: 431, reason: reason) }
}
