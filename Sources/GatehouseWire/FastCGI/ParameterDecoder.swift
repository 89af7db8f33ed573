/// A request's whole PARAMS stream to `GatewayVariables`.
enum ParameterDecoder {
    /// - Parameter expected: how many pairs to make room for; the number that the connection's last request had.
    static func decode(
        _ bytes: consuming [UInt8], limits: Limits, expected: Int
    ) throws(Refusal) -> GatewayVariables {
        // Two bytes is the smallest pair, so what the last request had cannot make a small one reserve much.
        var index = ParameterIndex(expected: min(expected, bytes.count / 2))
        try bytes.withUnsafeBufferPointer { (stream) throws(Refusal) in
            var decoder = PairDecoder()
            var count = 0
            while decoder.offset < stream.count {
                count += 1
                guard let lengths = decoder.nextLengths(in: stream) else { throw pastTheEnd(count, stream.count) }
                try ParameterLimits.check(count: count, nameLength: lengths.name, valueLength: lengths.value, limits)
                guard let name = decoder.nextPair(lengths, in: stream) else { throw pastTheEnd(count, stream.count) }
                add(name, lengths, of: stream, to: &index)
            }
        }
        return GatewayVariables(bytes: bytes, entries: index.entries)
    }

    /// Adds a pair, or puts it in the place of the one that has its name: what a front server's configuration sets
    /// twice it sends twice, and the later setting is meant. A second CONTENT_LENGTH stays beside the first, because
    /// two that differ are refused later, and so does a second line of a client's header, because nginx before 1.23
    /// sends each line by itself.
    @inline(__always)
    private static func add(
        _ name: Int, _ lengths: (name: Int, value: Int), of stream: UnsafeBufferPointer<UInt8>,
        to index: inout ParameterIndex
    ) {
        let entry = GatewayVariables.Entry(
            name: name, nameLength: lengths.name, value: name + lengths.name, valueLength: lengths.value)
        if lengths.name == 10, GatewayVariables.isProxy(stream, at: name) { return }
        if let earlier = index.earlier(entry, in: stream), !GatewayVariables.isContentLength(entry, in: stream),
            !GatewayVariables.isClientHeader(entry, in: stream)
        {
            index.replace(earlier, with: entry)
        } else {
            index.append(entry)
        }
    }

    private static func pastTheEnd(_ number: Int, _ length: Int) -> Refusal {
        Refusal(httpStatus: 400, reason: "parameter \(number) runs past the stream's end at byte \(length)")
    }
}
