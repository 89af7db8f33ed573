/// The variables of a uwsgi packet: names and values, each after its length of two bytes, little-endian.
///
///     +---------------+---------------+------+----------------+----------------+-------+
///     | nameLengthB0  | nameLengthB1  | name | valueLengthB0  | valueLengthB1  | value |
///     +---------------+---------------+------+----------------+----------------+-------+
///
/// A name that comes twice, a client's header and HTTP_PROXY are treated as over FastCGI (`ParameterIndex.take`). As in
/// uWSGI, a name cannot be empty, and a body has the length that CONTENT_LENGTH says: the last one, so that an empty
/// one takes back those before it (nginx: `uwsgi_pass_request_body off; uwsgi_param CONTENT_LENGTH "";`).
///
/// Without CONTENT_LENGTH there is no body. But a client that has sent one, by its own headers, must not be answered as
/// if it had not: uWSGI's router passes a request on whose body came in chunks, without the body and without a length,
/// and nginx sends a body but no length if its operator has left `uwsgi_params` out. Such a request is refused.
struct UWSGIHead {
    let parameters: GatewayVariables
    let bodyLength: Int

    /// - Parameter memory: the names that earlier requests had.
    init(_ bytes: consuming [UInt8], limits: Limits, memory: NameMemory?) throws(Refusal) {
        var reader = Reader(expected: memory?.expected)
        let entries = try bytes.withUnsafeBufferPointer { (packet) throws(Refusal) in
            try reader.read(packet, limits, memory)
        }
        bodyLength = reader.bodyLength
        parameters = GatewayVariables(bytes: bytes, entries: entries, names: reader.expected)
    }

    private struct Reader {
        /// The names that were expected, if they have come.
        var expected: ParameterNames?
        var bodyLength = 0
        /// The last CONTENT_LENGTH that is not empty.
        var statedLength: Int?
        /// Whether CONTENT_LENGTH has come, with a value or without.
        var hasLength = false
        /// Whether the client's own headers announce a body.
        var announcesBody = false

        mutating func read(
            _ packet: UnsafeBufferPointer<UInt8>, _ limits: Limits, _ memory: NameMemory?
        ) throws(Refusal) -> [GatewayVariables.Entry] {
            var offset = 0
            var entries = expected.map { expectedPairs($0, packet, &offset, limits) } ?? []
            for entry in entries { try note(entry, packet) }
            if offset < packet.count || entries.count != expected?.count {
                expected = nil
                entries = try remainingPairs(after: entries, packet, from: offset, limits, memory)
            }
            if announcesBody, !hasLength {
                throw Refusal(
                    httpStatus: 411,
                    reason: "the client announces a body, and there is no CONTENT_LENGTH (nginx: include uwsgi_params)")
            }
            return entries
        }

        /// The first pairs, as far as their names are the expected ones.
        @inline(__always)
        private func expectedPairs(
            _ names: ParameterNames, _ packet: UnsafeBufferPointer<UInt8>, _ offset: inout Int, _ limits: Limits
        ) -> [GatewayVariables.Entry] {
            let longest = limits.parameterValueLength
            return names.entries(of: packet, from: &offset, smallestPair: 5, limits) { nameLength, next in
                guard let name = Self.piece(of: packet, at: next), name.count == nameLength,
                    let value = Self.piece(of: packet, at: name.upperBound), value.count <= longest
                else { return nil }
                next = value.upperBound
                return Self.entry(name, value)
            }
        }

        private mutating func remainingPairs(
            after first: [GatewayVariables.Entry], _ packet: UnsafeBufferPointer<UInt8>, from start: Int,
            _ limits: Limits, _ memory: NameMemory?
        ) throws(Refusal) -> [GatewayVariables.Entry] {
            var index = ParameterIndex(first, in: packet, expected: min(32, packet.count / 5))
            var offset = start
            var count = first.count
            while offset < packet.count {
                count += 1
                // Lengths are compared only with the bytes that are left.
                guard let name = Self.piece(of: packet, at: offset),
                    let value = Self.piece(of: packet, at: name.upperBound)
                else { throw bad("parameter \(count) runs past the packet's end at byte \(packet.count)") }
                try ParameterLimits.check(count: count, nameLength: name.count, valueLength: value.count, limits)
                guard !name.isEmpty else { throw bad("parameter \(count) has an empty name") }
                let entry = Self.entry(name, value)
                try note(entry, packet)
                index.take(entry, of: packet)
                offset = value.upperBound
            }
            index.note(in: memory, packet)
            return index.entries
        }

        @inline(__always)
        private static func entry(_ name: Range<Int>, _ value: Range<Int>) -> GatewayVariables.Entry {
            GatewayVariables.Entry(
                name: name.lowerBound, nameLength: name.count, value: value.lowerBound, valueLength: value.count)
        }

        /// The positions of a name or a value whose length stands at `offset`; `nil` if it runs past the end.
        @inline(__always)
        private static func piece(of packet: UnsafeBufferPointer<UInt8>, at offset: Int) -> Range<Int>? {
            let left = packet.count - offset - 2
            guard left >= 0 else { return nil }
            let length = Int(packet[offset]) | Int(packet[offset + 1]) << 8
            return length <= left ? offset + 2..<offset + 2 + length : nil
        }

        @inline(__always)
        private mutating func note(
            _ entry: GatewayVariables.Entry, _ packet: UnsafeBufferPointer<UInt8>
        ) throws(Refusal) {
            switch entry.nameLength {
            case 14 where GatewayVariables.isContentLength(entry, in: packet): try noteLength(entry, packet)
            case 19 where GatewayVariables.isName(entry, "HTTP_CONTENT_LENGTH", in: packet):
                if GatewayVariables.number(entry, in: packet) != 0, entry.valueLength > 0 { announcesBody = true }
            case 22 where GatewayVariables.isName(entry, "HTTP_TRANSFER_ENCODING", in: packet): announcesBody = true
            default: break
            }
        }

        private mutating func noteLength(
            _ entry: GatewayVariables.Entry, _ packet: UnsafeBufferPointer<UInt8>
        ) throws(Refusal) {
            hasLength = true
            bodyLength = 0
            guard entry.valueLength > 0 else { return }
            guard let length = GatewayVariables.number(entry, in: packet) else {
                throw bad("CONTENT_LENGTH is not a number")
            }
            if let statedLength, statedLength != length { throw bad("two CONTENT_LENGTH that differ") }
            statedLength = length
            bodyLength = length
        }

        private func bad(_ reason: String) -> Refusal { Refusal(httpStatus: 400, reason: reason) }
    }
}
