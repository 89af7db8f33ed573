import CFastCGI

/// The request that a worker sends to itself to see whether it answers: its bytes, as a front server would send them,
/// and a reader of the response.
package enum InternalRequest {
    private static let id = RequestID(rawValue: 1)

    /// One request without FCGI_KEEP_CONN.
    package static let bytes: [UInt8] = {
        var bytes: [UInt8] = []
        // Section 5.1: the role in two bytes, flags, five reserved.
        RecordEncoder.appendStream(
            .beginRequest, [0, UInt8(FCGI_RESPONDER), 0, 0, 0, 0, 0, 0].span, of: id, to: &bytes)
        var parameters: [UInt8] = []
        for (name, value) in [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/")] {
            // Shorter than 128 bytes, so that each length takes one byte (section 3.4).
            parameters += [UInt8(name.utf8.count), UInt8(value.utf8.count)] + Array(name.utf8) + Array(value.utf8)
        }
        RecordEncoder.appendStream(.parameters, parameters.span, of: id, to: &bytes)
        RecordEncoder.appendHeader(RecordHeader(.parameters, id: id.rawValue, contentLength: 0), to: &bytes)
        RecordEncoder.appendHeader(RecordHeader(.standardInput, id: id.rawValue, contentLength: 0), to: &bytes)
        return bytes
    }()

    /// The content of FCGI_STDOUT in a whole response; `nil` if the response has no end.
    package static func answer(in response: [UInt8]) -> [UInt8]? {
        var output: [UInt8] = []
        var rest = response[...]
        while rest.count >= RecordHeader.size {
            let header = RecordHeader(word: rest.prefix(RecordHeader.size).reduce(0) { $0 << 8 | UInt64($1) })
            let content = rest.dropFirst(RecordHeader.size).prefix(header.contentLength)
            guard content.count == header.contentLength else { return nil }
            if header.type == .endRequest { return output }
            if header.type == .standardOutput { output += content }
            rest = rest.dropFirst(RecordHeader.size + header.contentLength + header.paddingLength)
        }
        return nil
    }
}
