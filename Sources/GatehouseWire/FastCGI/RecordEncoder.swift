import CFastCGI

/// Writes records to the front server, which `RecordHeader` draws. Reserved and padding bytes are always zero.
enum RecordEncoder {
    /// Appends content of a stream in as many records as it takes, none of them empty: an empty record would end it.
    static func appendStream(
        _ type: RecordType, _ content: Span<UInt8>, of id: RequestID, to output: inout [UInt8]
    ) {
        content.withUnsafeBufferPointer { content in
            var start = 0
            while start < content.count {
                let length = min(content.count - start, RecordHeader.alignedContent)
                let piece = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(content)[start..<start + length])
                append(RecordHeader(type, id: id.rawValue, contentLength: length), piece, to: &output)
                start += length
            }
        }
    }

    /// Appends a whole record in one step.
    private static func append(_ header: RecordHeader, _ content: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        output.append(addingCapacity: RecordHeader.size + content.count + header.paddingLength) { rest in
            rest.withUnsafeMutableBufferPointer { bytes, count in
                let record = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(bytes)[count...])
                record.storeBytes(of: header.word.bigEndian, as: UInt64.self)
                let body = UnsafeMutableRawBufferPointer(rebasing: record[RecordHeader.size...])
                body.copyMemory(from: content)
                for index in content.count..<content.count + header.paddingLength { body[index] = 0 }
                count += RecordHeader.size + content.count + header.paddingLength
            }
        }
    }

    static func appendHeader(_ header: RecordHeader, to output: inout [UInt8]) {
        appendWord(header.word, to: &output)
    }

    /// Appends FCGI_END_REQUEST (section 5.5). The application status is always 0: no front server uses it.
    static func appendEndRequest(of id: RequestID, protocolStatus: UInt8, to output: inout [UInt8]) {
        appendHeader(RecordHeader(.endRequest, id: id.rawValue, contentLength: 8), to: &output)
        appendWord(UInt64(protocolStatus) << 24, to: &output)
    }

    /// Appends FCGI_UNKNOWN_TYPE (section 4.2).
    static func appendUnknownType(_ type: UInt8, to output: inout [UInt8]) {
        appendHeader(RecordHeader(.unknownType, id: UInt16(FCGI_NULL_REQUEST_ID), contentLength: 8), to: &output)
        appendWord(UInt64(type) << 56, to: &output)
    }

    /// Appends FCGI_GET_VALUES_RESULT (section 4.1).
    static func appendValuesResult(_ pairs: [(name: String, value: String)], to output: inout [UInt8]) {
        let content = pairs.reduce(into: [UInt8]()) { content, pair in
            // Our names and values are all shorter than 128 bytes, so that each length takes one byte (section 3.4).
            content.append(UInt8(truncatingIfNeeded: pair.name.utf8.count))
            content.append(UInt8(truncatingIfNeeded: pair.value.utf8.count))
            content.append(contentsOf: pair.name.utf8)
            content.append(contentsOf: pair.value.utf8)
        }
        let id = UInt16(FCGI_NULL_REQUEST_ID)
        appendHeader(RecordHeader(.getValuesResult, id: id, contentLength: content.count), to: &output)
        output.append(contentsOf: content)
        appendZeros(RecordHeader.padding(for: content.count), to: &output)
    }

    /// Appends the end of FCGI_STDOUT and FCGI_END_REQUEST, in one step.
    static func appendOutputEnd(of id: RequestID, to output: inout [UInt8]) {
        let words: InlineArray<3, UInt64> = [
            RecordHeader(.standardOutput, id: id.rawValue, contentLength: 0).word.bigEndian,
            RecordHeader(.endRequest, id: id.rawValue, contentLength: 8).word.bigEndian,
            (UInt64(FCGI_REQUEST_COMPLETE) << 24).bigEndian,
        ]
        words.span.withUnsafeBytes { output.append(contentsOf: $0) }
    }

    private static func appendWord(_ word: UInt64, to output: inout [UInt8]) {
        withUnsafeBytes(of: word.bigEndian) { output.append(contentsOf: $0) }
    }

    private static func appendZeros(_ count: Int, to output: inout [UInt8]) {
        guard count > 0 else { return }
        withUnsafeBytes(of: UInt64(0)) { output.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
}
