/// The pairs of an SCGI head: names and values, each ended by NUL.
///
///     +------------------+-----+------+-----+--------+-----+-----+-----+------+-----+-------+-----+
///     | "CONTENT_LENGTH" | NUL | "27" | NUL | "SCGI" | NUL | "1" | NUL | name | NUL | value | NUL |
///     +------------------+-----+------+-----+--------+-----+-----+-----+------+-----+-------+-----+
///
/// The specification's rules: CONTENT_LENGTH comes first and is a decimal number; SCGI is there and is "1"; no name is
/// empty; no name comes twice. nginx bends two of them:
///  - It writes `scgi_param` lines as they stand in its configuration, so SCGI may stand anywhere, and a name may come
///    twice. A name that comes again with the same value is accepted; any other repetition is not. An empty
///    CONTENT_LENGTH after the first takes that back, as over FastCGI: there is no body (`scgi_pass_request_body off`,
///    and `$content_length` of a request that has none).
///  - Before 1.29.6, with `scgi_request_buffering off`, its CONTENT_LENGTH counts only the part of the body that had
///    come when the head was written, and the rest follows all the same. HTTP_CONTENT_LENGTH is the client's header,
///    which nginx passes on and has checked: if it announces more, it is the length.
struct SCGIHead {
    enum Failure: Error {
        case violation(PeerViolation)
        case refusal(Refusal)
    }

    let parameters: GatewayVariables
    let bodyLength: Int

    init(_ bytes: consuming [UInt8], limits: Limits, memory: NameMemory?) throws(Failure) {
        var reader = Reader(expected: memory?.expected)
        var entries = try bytes.withUnsafeBufferPointer { (head) throws(Failure) in
            try reader.read(head, limits, memory)
        }
        if reader.bodyLength != reader.announcedLength, !reader.isTakenBack, !entries.isEmpty {
            // Handlers see the true length.
            let digits = Array(String(reader.bodyLength).utf8)
            let name = entries[0]
            entries[0] = GatewayVariables.Entry(
                name: Int(name.name), nameLength: Int(name.nameLength), value: bytes.count, valueLength: digits.count)
            bytes.append(contentsOf: digits)
        }
        bodyLength = reader.bodyLength
        parameters = GatewayVariables(bytes: bytes, entries: entries, names: reader.expected)
    }

    private struct Reader {
        /// The names that were expected, if they have come.
        var expected: ParameterNames?
        /// The value of CONTENT_LENGTH.
        var announcedLength = 0
        /// The value of the client's own header.
        var clientLength = 0
        var isChunked = false
        /// Whether SCGI=1 has come.
        var hasMarker = false
        /// Whether an empty CONTENT_LENGTH came after the first.
        var isTakenBack = false

        var bodyLength: Int {
            if isTakenBack { return 0 }
            return isChunked ? announcedLength : max(announcedLength, clientLength)
        }

        mutating func read(
            _ head: UnsafeBufferPointer<UInt8>, _ limits: Limits, _ memory: NameMemory?
        ) throws(Failure) -> [GatewayVariables.Entry] {
            var offset = 0
            let first = expected.map { expectedPairs($0, head, &offset, limits) } ?? []
            for (position, entry) in first.enumerated() {
                if position == 0 { try readContentLength(entry, head) }
                _ = try note(entry, head)
            }
            guard offset == head.count, first.count == expected?.count else {
                expected = nil
                return try readOthers(after: first, head, from: offset, limits, memory)
            }
            try finish(count: first.count)
            return first
        }

        private func finish(count: Int) throws(Failure) {
            guard count > 0 else { throw bad("no CONTENT_LENGTH") }
            guard hasMarker else { throw bad("no SCGI=1 (nginx: `include scgi_params`)") }
        }

        /// The first pairs, as far as their names are the expected ones.
        @inline(__always)
        private func expectedPairs(
            _ names: ParameterNames, _ head: UnsafeBufferPointer<UInt8>, _ offset: inout Int, _ limits: Limits
        ) -> [GatewayVariables.Entry] {
            let longest = limits.parameterValueLength
            return names.entries(of: head, from: &offset, smallestPair: 3, limits) { nameLength, next in
                let nameEnd = next + nameLength
                guard nameEnd < head.count, head[nameEnd] == 0, let valueEnd = head.firstZero(from: nameEnd + 1),
                    valueEnd - nameEnd <= longest
                else { return nil }
                defer { next = valueEnd + 1 }
                return GatewayVariables.Entry(
                    name: next, nameLength: nameLength, value: nameEnd + 1, valueLength: valueEnd - nameEnd - 1)
            }
        }

        private mutating func readOthers(
            after first: [GatewayVariables.Entry], _ head: UnsafeBufferPointer<UInt8>, from start: Int,
            _ limits: Limits, _ memory: NameMemory?
        ) throws(Failure) -> [GatewayVariables.Entry] {
            var index = ParameterIndex(first, in: head, expected: min(32, head.count / 3))
            var offset = start
            var count = first.count
            while offset < head.count {
                guard let nameEnd = head.firstZero(from: offset), let valueEnd = head.firstZero(from: nameEnd + 1)
                else { throw bad("it does not end with NUL, or a name has no value") }
                guard nameEnd > offset else { throw bad("an empty name") }
                count += 1
                do {
                    try ParameterLimits.check(
                        count: count, nameLength: nameEnd - offset, valueLength: valueEnd - nameEnd - 1, limits)
                } catch {
                    throw .refusal(error)
                }
                let entry = GatewayVariables.Entry(
                    name: offset, nameLength: nameEnd - offset, value: nameEnd + 1, valueLength: valueEnd - nameEnd - 1)
                if count == 1 { try readContentLength(entry, head) }
                if try note(entry, head) { try add(entry, head, to: &index) }
                offset = valueEnd + 1
            }
            try finish(count: count)
            index.note(in: memory, head)
            return index.entries
        }

        private mutating func readContentLength(
            _ entry: GatewayVariables.Entry, _ head: UnsafeBufferPointer<UInt8>
        ) throws(Failure) {
            guard GatewayVariables.isContentLength(entry, in: head) else { throw bad("CONTENT_LENGTH is not first") }
            guard let length = GatewayVariables.number(entry, in: head) else {
                throw bad("CONTENT_LENGTH is not a number")
            }
            announcedLength = length
        }

        /// Reads a pair that decides on the body's length.
        /// - Returns: whether handlers get to see the pair.
        @inline(__always)
        private mutating func note(
            _ entry: GatewayVariables.Entry, _ head: UnsafeBufferPointer<UInt8>
        ) throws(Failure) -> Bool {
            switch entry.nameLength {
            case 4 where GatewayVariables.isName(entry, "SCGI", in: head):
                guard entry.valueLength == 1, head[Int(entry.value)] == UInt8(ascii: "1") else {
                    throw bad("SCGI is not 1")
                }
                hasMarker = true
            case 10 where GatewayVariables.isProxy(head, at: Int(entry.name)):
                return false
            case 19 where GatewayVariables.isName(entry, "HTTP_CONTENT_LENGTH", in: head):
                clientLength = GatewayVariables.number(entry, in: head) ?? 0
            case 22 where GatewayVariables.isName(entry, "HTTP_TRANSFER_ENCODING", in: head):
                isChunked = true
            default: break
            }
            return true
        }

        private mutating func add(
            _ entry: GatewayVariables.Entry, _ head: UnsafeBufferPointer<UInt8>, to index: inout ParameterIndex
        ) throws(Failure) {
            guard let earlier = index.earlier(entry, in: head) else { return index.append(entry) }
            // nginx before 1.23 sends each line of a header that the client repeats.
            if GatewayVariables.isClientHeader(entry, in: head) { return index.append(entry) }
            let first = index.entries[earlier]
            let isSame = Self.value(first, head).elementsEqual(Self.value(entry, head))
            if isSame { return }
            if entry.valueLength == 0, GatewayVariables.isContentLength(entry, in: head) {
                isTakenBack = true
                return index.replace(earlier, with: entry)
            }
            let name = head[Int(entry.name)..<Int(entry.name) + min(Int(entry.nameLength), 64)]
            throw bad("\(String(decoding: name, as: UTF8.self)) twice, with different values")
        }

        private static func value(
            _ entry: GatewayVariables.Entry, _ head: UnsafeBufferPointer<UInt8>
        ) -> Slice<UnsafeBufferPointer<UInt8>> {
            head[Int(entry.value)..<Int(entry.value) + Int(entry.valueLength)]
        }

        private func bad(_ problem: String) -> Failure { .violation(PeerViolation(.badHead, problem)) }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The position of the first NUL at or after `start`. Eight bytes at a time: an SCGI head has eighty NULs in a
    /// kilobyte.
    fileprivate func firstZero(from start: Int) -> Int? {
        let raw = UnsafeRawBufferPointer(self)
        var offset = start
        while offset <= count - 8 {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            // Has the high bit of every zero byte set, and of no byte before the first.
            let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if zeros != 0 { return offset + zeros.trailingZeroBitCount / 8 }
            offset += 8
        }
        while offset < count {
            if self[offset] == 0 { return offset }
            offset += 1
        }
        return nil
    }
}
