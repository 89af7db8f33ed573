/// The search for the end of a part, or of the preamble.
extension MultipartParser {
    /// The most blanks between a boundary and its line's end (RFC 2046's transport padding), which nobody sends.
    private static let mostBlanks = 64

    /// Goes on until there is something to tell, the piece is used up, or the delimiter has ended.
    mutating func readToDelimiter(
        _ piece: UnsafeRawBufferPointer, _ index: inout Int
    ) throws(MultipartError) -> Event? {
        if matched > 0 { return try readCandidate(piece, &index) }
        let start = index
        let end: Int
        switch search.find(in: piece, from: start) {
        case .whole(let at):
            (end, matched) = (at, search.delimiter.count)
            index = at + matched
        case .beginning(let at):
            (end, matched) = (at, piece.count - at)
            index = piece.count
        case .nothing:
            end = piece.count
            index = end
        }
        try addBytes(end - start)
        guard case .part = place, end > start else { return nil }
        return .bytes(start..<end)
    }

    /// Goes on byte by byte with what may be a delimiter.
    private mutating func readCandidate(
        _ piece: UnsafeRawBufferPointer, _ index: inout Int
    ) throws(MultipartError) -> Event? {
        while index < piece.count {
            let byte = piece[index]
            if matched < search.delimiter.count {
                guard byte == search.delimiter[matched] else { return try giveUpCandidate() }
                matched += 1
                index += 1
                continue
            }
            guard try takesTail(byte) else { return try giveUpCandidate() }
            index += 1
            if byte == UInt8(ascii: "\n") { return endPart(isLast: false) }
            if tail.count == 2, byte == UInt8(ascii: "-") { return endPart(isLast: true) }
        }
        return nil
    }

    /// Whether the byte belongs to the delimiter behind its boundary: `--`, or blanks and CR LF.
    private mutating func takesTail(_ byte: UInt8) throws(MultipartError) -> Bool {
        let belongs =
            switch tail.last {
            case nil: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "\r") || byte.isBlank
            case UInt8(ascii: "-"): byte == UInt8(ascii: "-")
            case UInt8(ascii: "\r"): byte == UInt8(ascii: "\n")
            default: byte == UInt8(ascii: "\r") || byte.isBlank
            }
        guard belongs else { return false }
        guard tail.count < Self.mostBlanks + 2 else { throw .malformed("a boundary has too many blanks behind it") }
        tail.append(byte)
        return true
    }

    /// Makes a candidate the part's bytes. The byte that it ended at is read again, as it may begin another one.
    private mutating func giveUpCandidate() throws(MultipartError) -> Event? {
        let bytes = Array(search.delimiter[absent..<matched]) + tail
        (matched, absent) = (0, 0)
        tail.removeAll(keepingCapacity: true)
        try addBytes(bytes.count)
        guard case .part = place, !bytes.isEmpty else { return nil }
        return .carried(bytes)
    }

    private mutating func endPart(isLast: Bool) -> Event? {
        (matched, absent) = (0, 0)
        tail.removeAll(keepingCapacity: true)
        let hasPart = if case .part = place { true } else { false }
        place = .partHasEnded(isLast: isLast)
        return hasPart ? .partEnds : nil
    }

    private mutating func addBytes(_ count: Int) throws(MultipartError) {
        if case .part = place {
            try counts.addBytes(count, isFile: isFile, limits)
        } else {
            try counts.addPreamble(count, limits)
        }
    }
}
