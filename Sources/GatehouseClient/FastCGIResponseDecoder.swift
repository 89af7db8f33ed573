import CFastCGI

/// Reads the records that an application sends (FastCGI 1.0, section 3.3). `FastCGIRequestEncoder` draws one.
///
/// It is stricter than any front server, because it also tests what Gatehouse sends. An answer for a request that was
/// not sent or that has ended, bytes after a stream's end, and reserved or padding bytes other than zero are all
/// violations.
public struct FastCGIResponseDecoder: Sendable {
    /// Whether reserved and padding bytes must be zero, as the specification advises (section 3.3).
    public var requiresZeroPadding: Bool

    private struct Streams {
        var outputEnded = false
        var errorEnded = false
    }

    private var live: [UInt16: Streams] = [:]
    private var waiting: [UInt8] = []

    /// A decoder for the answers to these requests.
    /// - Parameter ids: the requests that have been sent; more are added with ``expect(_:)``.
    public init(ids: [UInt16] = [1], requiresZeroPadding: Bool = true) {
        self.requiresZeroPadding = requiresZeroPadding
        for id in ids { expect(id) }
    }

    /// Notes that a request with this id has been sent.
    public mutating func expect(_ id: UInt16) {
        live[id] = Streams()
    }

    /// Whether the peer may close here: nothing is cut and every request has had its end.
    public var isComplete: Bool { live.isEmpty && waiting.isEmpty }

    /// Takes bytes as they came and returns the messages of complete records. A record is kept until it is whole: 64
    /// KiB at most.
    public mutating func receive(_ bytes: some Sequence<UInt8>) throws(ResponseViolation) -> [FastCGIResponseEvent] {
        waiting.append(contentsOf: bytes)
        var events: [FastCGIResponseEvent] = []
        var start = 0
        let headerLength = Int(FCGI_HEADER_LEN)
        while waiting.count - start >= headerLength {
            let header = waiting[start..<start + headerLength]
            let length = Int(header[start + 4]) << 8 | Int(header[start + 5])
            let padding = Int(header[start + 6])
            let version = Int32(header[start])
            if header.allSatisfy({ $0 == 0 }) { throw .brokenOff }
            guard version == FCGI_VERSION_1 else { throw ResponseViolation("version \(version) instead of 1") }
            let contentStart = start + headerLength
            guard waiting.count - contentStart >= length + padding else { break }
            let content = waiting[contentStart..<contentStart + length]
            if requiresZeroPadding {
                let filler = waiting[contentStart + length..<contentStart + length + padding]
                guard header[start + 7] == 0, filler.allSatisfy({ $0 == 0 }) else {
                    throw ResponseViolation("a reserved or padding byte of a record is not zero")
                }
            }
            let id = UInt16(header[start + 2]) << 8 | UInt16(header[start + 3])
            events.append(try event(Int32(header[start + 1]), id, content))
            start = contentStart + length + padding
        }
        waiting.removeSubrange(..<start)
        return events
    }

    private mutating func event(
        _ type: Int32, _ id: UInt16, _ content: ArraySlice<UInt8>
    ) throws(ResponseViolation) -> FastCGIResponseEvent {
        switch type {
        case FCGI_GET_VALUES_RESULT, FCGI_UNKNOWN_TYPE:
            guard Int32(id) == FCGI_NULL_REQUEST_ID else {
                throw ResponseViolation("management record of type \(type) for request \(id) instead of 0")
            }
            return try type == FCGI_UNKNOWN_TYPE ? unknownType(content) : .values(NameValuePairs.decode(content))
        case FCGI_STDOUT, FCGI_STDERR, FCGI_END_REQUEST:
            guard let streams = live[id] else {
                throw ResponseViolation("record of type \(type) for request \(id), which is not waiting for an answer")
            }
            return type == FCGI_END_REQUEST ? try end(id, content) : try stream(type, id, streams, content)
        default:
            throw ResponseViolation("record of type \(type), which no application sends")
        }
    }

    private mutating func stream(
        _ type: Int32, _ id: UInt16, _ streams: Streams, _ content: ArraySlice<UInt8>
    ) throws(ResponseViolation) -> FastCGIResponseEvent {
        let isOutput = type == FCGI_STDOUT
        guard !(isOutput ? streams.outputEnded : streams.errorEnded) else {
            throw ResponseViolation("\(isOutput ? "STDOUT" : "STDERR") of request \(id) goes on after its end")
        }
        switch (isOutput, content.isEmpty) {
        case (true, false): return .output(Array(content), id: id)
        case (false, false): return .error(Array(content), id: id)
        case (true, true):
            live[id]?.outputEnded = true
            return .outputEnded(id: id)
        case (false, true):
            live[id]?.errorEnded = true
            return .errorEnded(id: id)
        }
    }

    /// Reads FCGI_END_REQUEST (section 5.5): four bytes of application status, one of protocol status, three reserved.
    private mutating func end(
        _ id: UInt16, _ content: ArraySlice<UInt8>
    ) throws(ResponseViolation) -> FastCGIResponseEvent {
        let bytes = Array(content)
        guard bytes.count == 8 else { throw ResponseViolation("END_REQUEST of \(bytes.count) bytes instead of 8") }
        guard !requiresZeroPadding || bytes[5...].allSatisfy({ $0 == 0 }) else {
            throw ResponseViolation("a reserved byte of END_REQUEST is not zero")
        }
        live[id] = nil
        let status = bytes[..<4].reduce(0) { $0 << 8 | UInt32($1) }
        return .ended(id: id, applicationStatus: status, protocolStatus: bytes[4])
    }

    /// Reads FCGI_UNKNOWN_TYPE (section 4.2): the type, then seven reserved bytes.
    private func unknownType(_ content: ArraySlice<UInt8>) throws(ResponseViolation) -> FastCGIResponseEvent {
        let bytes = Array(content)
        guard bytes.count == 8 else { throw ResponseViolation("UNKNOWN_TYPE of \(bytes.count) bytes instead of 8") }
        guard !requiresZeroPadding || bytes[1...].allSatisfy({ $0 == 0 }) else {
            throw ResponseViolation("a reserved byte of UNKNOWN_TYPE is not zero")
        }
        return .unknownType(bytes[0])
    }
}

/// The message of one or more records of the application.
public enum FastCGIResponseEvent: Sendable, Equatable {
    /// Bytes of FCGI_STDOUT: the response's head and body.
    case output([UInt8], id: UInt16)
    /// The end of FCGI_STDOUT.
    case outputEnded(id: UInt16)
    /// Bytes of FCGI_STDERR: messages for the front server's log.
    case error([UInt8], id: UInt16)
    /// The end of FCGI_STDERR.
    case errorEnded(id: UInt16)
    /// FCGI_END_REQUEST.
    case ended(id: UInt16, applicationStatus: UInt32, protocolStatus: UInt8)
    /// FCGI_GET_VALUES_RESULT.
    case values([ClientParameter])
    /// FCGI_UNKNOWN_TYPE: the application does not know this management record.
    case unknownType(UInt8)
}

/// A plain reader of name-value pairs (FastCGI 1.0, section 3.4): for answers to FCGI_GET_VALUES, and to compare other
/// decoders with.
public enum NameValuePairs {
    /// Reads all pairs.
    /// - Throws: if a pair runs past the bytes' end.
    public static func decode(_ content: ArraySlice<UInt8>) throws(ResponseViolation) -> [ClientParameter] {
        var rest = content
        var pairs: [ClientParameter] = []
        while !rest.isEmpty {
            guard let name = length(&rest), let value = length(&rest), name + value <= rest.count else {
                throw ResponseViolation("a name-value pair runs past the end")
            }
            pairs.append(
                ClientParameter(name: Array(rest.prefix(name)), value: Array(rest.dropFirst(name).prefix(value))))
            rest = rest.dropFirst(name + value)
        }
        return pairs
    }

    private static func length(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard let first = rest.popFirst() else { return nil }
        guard first & 0x80 != 0 else { return Int(first) }
        guard rest.count >= 3 else { return nil }
        let low = rest.prefix(3).reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(3)
        return Int(first & 0x7f) << 24 | low
    }
}
