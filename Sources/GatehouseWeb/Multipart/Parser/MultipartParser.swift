/// multipart/form-data (RFC 7578, RFC 2046 section 5.1) from pieces of a body to events, without I/O.
///
/// ```
/// preamble CR LF --boundary CR LF head CR LF CR LF bytes CR LF --boundary-- epilogue
///                '---delimiter--'                        '---delimiter--'
/// ```
///
/// It reads each byte once, keeps a line of a head and a delimiter at most, and gives the same events wherever the body
/// is cut, except that a part's bytes come in other pieces. Lines end with CR LF: what takes a lone LF for a line's end
/// finds boundaries that others do not see.
package struct MultipartParser: Sendable {
    /// Things found in a body, in their order.
    package enum Event: Sendable, Hashable {
        case partBegins(PartHead)
        /// Bytes of the part, by their indexes in the piece.
        case bytes(Range<Int>)
        /// Bytes of the part that looked like a boundary's beginning at the end of an earlier piece.
        case carried([UInt8])
        case partEnds
        case messageEnds
    }

    enum Place: Sendable {
        case preamble, head, part, partHasEnded(isLast: Bool), epilogue
    }

    let limits: MultipartLimits
    let search: DelimiterSearch
    var place = Place.preamble
    var counts = MultipartCounts()

    /// The part whose head has been read last.
    var isFile = false
    var head = PartHeadReader()
    /// The line of a head that has not ended.
    var line: [UInt8] = []

    /// Bytes of the delimiter that have been found, and bytes behind it that may still belong to it.
    var matched: Int
    var tail: [UInt8] = []
    /// Bytes at the delimiter's beginning that were not there: it need not have its CR LF at the beginning of the body
    /// and of a part.
    var absent: Int

    /// - Throws: if the boundary is longer than its limit, empty, or not printable ASCII.
    package init(boundary: some Collection<UInt8>, limits: MultipartLimits) throws(MultipartError) {
        guard boundary.count <= limits.boundaryBytes else {
            throw .limit("bytes of the boundary", "boundaryBytes", \.boundaryBytes, of: limits, status: 400)
        }
        guard !boundary.isEmpty, boundary.allSatisfy({ 0x20...0x7E ~= $0 }) else {
            throw .malformed("the boundary is empty, or not printable ASCII")
        }
        self.limits = limits
        search = DelimiterSearch(boundary: Array(boundary))
        (matched, absent) = (2, 2)
    }

    /// Finds the next event in a piece of the body.
    /// - Parameters:
    ///   - piece: the same until this returns `nil`, which means that it is used up.
    ///   - index: the place in the piece, 0 at first, which this moves on.
    package mutating func next(
        in piece: UnsafeRawBufferPointer, at index: inout Int
    ) throws(MultipartError) -> Event? {
        let start = index
        let allowed = limits.totalBytes - counts.total
        let end = piece.count - start > allowed ? start + allowed : piece.count
        let event = try event(in: UnsafeRawBufferPointer(rebasing: piece[..<end]), at: &index)
        counts.total += index - start
        if event == nil, end < piece.count {
            throw .limit("bytes of the body", "totalBytes", \.totalBytes, of: limits)
        }
        return event
    }

    /// Ends the body.
    /// - Throws: `truncated` if its last boundary has not come.
    package func finish() throws(MultipartError) {
        switch place {
        case .epilogue, .partHasEnded(isLast: true): return
        case .preamble:
            throw .truncated("the boundary that Content-Type names does not begin any line. Lines end with CR LF")
        case .head, .part, .partHasEnded: throw .truncated("the last boundary is missing")
        }
    }

    private mutating func event(
        in piece: UnsafeRawBufferPointer, at index: inout Int
    ) throws(MultipartError) -> Event? {
        while true {
            if case .partHasEnded(let isLast) = place {
                place = isLast ? .epilogue : .head
                if isLast { return .messageEnds }
            }
            guard index < piece.count else { return nil }
            switch place {
            case .head:
                if let head = try readHead(piece, &index) { return .partBegins(head) }
            case .epilogue:
                try counts.addEpilogue(piece.count - index, limits)
                index = piece.count
            case .preamble, .part, .partHasEnded:
                if let event = try readToDelimiter(piece, &index) { return event }
            }
        }
    }

    // MARK: Heads

    private mutating func readHead(
        _ piece: UnsafeRawBufferPointer, _ index: inout Int
    ) throws(MultipartError) -> PartHead? {
        let lineFeed = piece[index...].firstIndex(of: UInt8(ascii: "\n"))
        let end = lineFeed.map { $0 + 1 } ?? piece.count
        let start = index
        index = end
        try counts.addHead(end - start, limits)
        line.append(contentsOf: piece[start..<end])
        guard lineFeed != nil else { return nil }
        defer { line.removeAll(keepingCapacity: true) }
        guard line.count >= 2, line[line.count - 2] == UInt8(ascii: "\r") else {
            throw .malformed("a line of a part's head ends with LF and not with CR LF")
        }
        guard line.count > 2 else { return try endHead() }
        guard head.count < limits.headers else {
            throw .limit("header fields of a part", "headers", \.headers, of: limits, status: 400)
        }
        try head.take(line.dropLast(2))
        return nil
    }

    private mutating func endHead() throws(MultipartError) -> PartHead {
        let read = try head.head(limits)
        head = PartHeadReader()
        isFile = read.fileName != nil
        try counts.addPart(read, limits)
        place = .part
        (matched, absent) = (2, 2)
        return read
    }
}
