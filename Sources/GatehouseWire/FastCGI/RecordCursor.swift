/// The reading position within a record, and the part of its header that arrived in earlier chunks. `RecordHeader`
/// draws a record.
struct RecordCursor {
    /// The part of a record that comes next. A record is read in this order, and the next one begins again.
    enum Phase {
        case header, content, padding
    }

    var phase = Phase.header
    /// The current record's header, once it is whole.
    var header = RecordHeader(word: 0)
    var contentLeft = 0
    var paddingLeft = 0
    /// When the current record's first byte came.
    var began: Int64 = 0

    private var partial: UInt64 = 0
    private var partialCount = 0

    /// Whether the last byte read was a record's last.
    var isBetweenRecords: Bool {
        switch phase {
        case .header: partialCount == 0
        case .content: false
        case .padding: paddingLeft == 0
        }
    }

    /// Whether the current record's type and content are known.
    var hasHeader: Bool { phase != .header }

    /// Reads the header, or as much of it as there is; `false` if more bytes are needed.
    mutating func takeHeader(in chunk: UnsafeBufferPointer<UInt8>, at offset: inout Int, now: Int64) -> Bool {
        let available = chunk.count - offset
        if partialCount == 0 {
            if available == 0 { return false }
            began = now
            if available >= RecordHeader.size {
                let raw = UnsafeRawBufferPointer(chunk)
                start(UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
                offset += RecordHeader.size
                return true
            }
        }
        while offset < chunk.count {
            partial = partial << 8 | UInt64(chunk[offset])
            partialCount += 1
            offset += 1
            if partialCount == RecordHeader.size {
                partialCount = 0
                start(partial)
                return true
            }
        }
        return false
    }

    private mutating func start(_ word: UInt64) {
        header = RecordHeader(word: word)
        contentLeft = header.contentLength
        paddingLeft = header.paddingLength
        phase = .content
    }

    /// The next piece of the content; empty if more bytes are needed.
    mutating func takeContent(in chunk: UnsafeBufferPointer<UInt8>, at offset: inout Int) -> Range<Int> {
        let length = min(contentLeft, chunk.count - offset)
        let piece = offset..<offset + length
        offset += length
        contentLeft -= length
        return piece
    }

    /// Passes over the padding; `false` if more bytes are needed.
    mutating func skipPadding(in chunk: UnsafeBufferPointer<UInt8>, at offset: inout Int) -> Bool {
        let length = min(paddingLeft, chunk.count - offset)
        offset += length
        paddingLeft -= length
        guard paddingLeft == 0 else { return false }
        phase = .header
        return true
    }
}
