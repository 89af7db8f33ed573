import CFastCGI

// The application's side: FCGI_STDOUT and FCGI_END_REQUEST. Gatehouse sends no FCGI_STDERR: IIS, and HAProxy before
// 2.3, turn a response with any into a 500.
extension FastCGIConnection {
    /// Appends FCGI_STDOUT records with `content`.
    public func appendOutput(_ content: Span<UInt8>, of id: RequestID, to output: inout [UInt8]) {
        RecordEncoder.appendStream(.standardOutput, content, of: id, to: &output)
    }

    /// Appends the header of an FCGI_STDOUT record.
    public func appendFrame(forOutputOf count: Int, of id: RequestID, to output: inout [UInt8]) -> OutputFrame {
        let length = min(count, RecordHeader.alignedContent)
        // An empty record would end the stream.
        guard length > 0 else { return OutputFrame(contentLength: 0, paddingLength: 0) }
        RecordEncoder.appendHeader(
            RecordHeader(.standardOutput, id: id.rawValue, contentLength: length), to: &output)
        return OutputFrame(contentLength: length, paddingLength: RecordHeader.padding(for: length))
    }

    /// Appends FCGI_STDOUT's end and FCGI_END_REQUEST. Appends nothing for a request that is not alive: a second end
    /// would be taken for the next request's.
    public mutating func appendEnd(of id: RequestID, to output: inout [UInt8]) {
        guard forget(id) else { return }
        RecordEncoder.appendOutputEnd(of: id, to: &output)
    }

    /// Appends a whole CGI response, if the refusal has an HTTP status, and FCGI_END_REQUEST.
    public mutating func appendRefusal(_ refusal: Refusal, of id: RequestID, to output: inout [UInt8]) {
        _ = forget(id)
        if let status = refusal.httpStatus {
            // FCGI_END_REQUEST alone, whatever it says, is a 502 from nginx.
            RecordEncoder.appendStream(
                .standardOutput, RefusalAnswer.bytes(status, statusLine).span, of: id, to: &output)
            RecordEncoder.appendHeader(RecordHeader(.standardOutput, id: id.rawValue, contentLength: 0), to: &output)
        }
        RecordEncoder.appendEndRequest(of: id, protocolStatus: refusal.protocolStatus, to: &output)
    }

    private mutating func forget(_ id: RequestID) -> Bool {
        if pendingBodyEnd == id { pendingBodyEnd = nil }
        return requests.remove(id.rawValue)
    }

    /// `Status: 200 OK` (section 6.2, and RFC 3875, section 6.3.3).
    public var statusLine: StatusLine { .cgi }

    /// Always `true`: `appendCut` says it.
    public var canSayCut: Bool { true }

    /// Appends a record header of version 0: no application may send one, and every front server treats it as an error.
    /// FCGI_END_REQUEST, with any status, is a regular end to all of them, and so is the connection's end to nginx.
    public func appendCut(to output: inout [UInt8]) {
        RecordEncoder.appendHeader(RecordHeader(word: 0), to: &output)
    }
}
