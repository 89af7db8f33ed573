import CFastCGI

// Management records (section 4): questions about the application itself, with id 0. With another id they are passed
// over.
extension FastCGIConnection {
    mutating func managementRecord(_ step: RecordStep) throws(PeerViolation) -> ConnectionEvent? {
        guard cursor.header.id == FCGI_NULL_REQUEST_ID else { return nil }
        switch cursor.header.type {
        case .getValues: return try getValues(step)
        // These types are answers. Answering them with FCGI_UNKNOWN_TYPE could start an endless exchange.
        case .getValuesResult, .unknownType: return nil
        default: return unknownType(step)
        }
    }

    /// FCGI_GET_VALUES (section 4.1): names of variables, as name-value pairs without values. FCGI_GET_VALUES_RESULT
    /// answers those that we know.
    private mutating func getValues(_ step: RecordStep) throws(PeerViolation) -> ConnectionEvent? {
        switch step {
        case .begins:
            let length = cursor.header.contentLength
            guard length <= Limits.managementBytes else {
                throw PeerViolation(.badGetValues, "\(length) bytes, over \(Limits.managementBytes)")
            }
            values.removeAll(keepingCapacity: true)
            return nil
        case .continues(let chunk, let piece):
            values.append(contentsOf: chunk[piece])
            return nil
        case .ends:
            let names = try namesAsked()
            var answer: [UInt8] = []
            RecordEncoder.appendValuesResult(knownValues.filter { names.contains($0.name) }, to: &answer)
            return .questionReceived(answer: answer)
        }
    }

    /// A type that we do not know (section 4.2): the answer, FCGI_UNKNOWN_TYPE, repeats it.
    private func unknownType(_ step: RecordStep) -> ConnectionEvent? {
        guard case .ends = step else { return nil }
        var answer: [UInt8] = []
        RecordEncoder.appendUnknownType(cursor.header.type.rawValue, to: &answer)
        return .questionReceived(answer: answer)
    }

    private func namesAsked() throws(PeerViolation) -> Set<String> {
        var names: Set<String> = []
        var decoder = PairDecoder()
        let isWhole = values.withUnsafeBufferPointer { content in
            while decoder.offset < content.count {
                guard let lengths = decoder.nextLengths(in: content),
                    let start = decoder.nextPair(lengths, in: content)
                else { return false }
                names.insert(String(decoding: content[start..<start + lengths.name], as: UTF8.self))
            }
            return true
        }
        guard isWhole else { throw PeerViolation(.badGetValues, "a pair runs past the record's end") }
        return names
    }

    /// The variables that the specification defines, in its order.
    private var knownValues: [(name: String, value: String)] {
        [
            (FCGI_MAX_CONNS, "\(limits.connections)"),
            (FCGI_MAX_REQS, "\(maximumRequests)"),
            (FCGI_MPXS_CONNS, limits.concurrentRequests > 1 ? "1" : "0"),
        ]
    }

    private var maximumRequests: Int {
        let (product, overflow) = limits.connections.multipliedReportingOverflow(by: limits.concurrentRequests)
        return overflow ? Int.max : product
    }
}
