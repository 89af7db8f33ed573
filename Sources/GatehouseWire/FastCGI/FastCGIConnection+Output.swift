import CFastCGI

extension FastCGIConnection {
    public func appendOutput(_ content: Span<UInt8>, of id: RequestID, to output: inout [UInt8]) {
        RecordEncoder.appendStream(.standardOutput, content, of: id, to: &output)
    }

    public func appendFrame(forOutputOf count: Int, of id: RequestID, to output: inout [UInt8]) -> OutputFrame {
        let length = min(count, RecordHeader.alignedContent)
        // An empty record would end the stream.
        guard length > 0 else { return OutputFrame(contentLength: 0, paddingLength: 0) }
        RecordEncoder.appendHeader(
            RecordHeader(.standardOutput, id: id.rawValue, contentLength: length), to: &output)
        return OutputFrame(contentLength: length, paddingLength: RecordHeader.padding(for: length))
    }

    /// FCGI_STDOUT's end and FCGI_END_REQUEST. Appends nothing for a request that is not alive: a second end would be
    /// taken for the next request's.
    public mutating func appendEnd(of id: RequestID, to output: inout [UInt8]) {
        guard forget(id) else { return }
        RecordEncoder.appendOutputEnd(of: id, to: &output)
    }

    public mutating func appendRefusal(_ refusal: Refusal, of id: RequestID, to output: inout [UInt8]) {
        _ = forget(id)
        if let status = refusal.httpStatus {
            // FCGI_END_REQUEST alone, whatever it says, is a 502 from nginx.
            RecordEncoder.appendStream(.standardOutput, RefusalAnswer.bytes(status).span, of: id, to: &output)
            RecordEncoder.appendHeader(RecordHeader(.standardOutput, id: id.rawValue, contentLength: 0), to: &output)
        }
        RecordEncoder.appendEndRequest(of: id, protocolStatus: refusal.protocolStatus, to: &output)
    }

    /// A header of version 0, which no application may send. It is an error to every front server; END_REQUEST is the
    /// regular end to all of them, whatever its status says, and to nginx the connection's end is that, too.
    public func appendCut(to output: inout [UInt8]) {
        RecordEncoder.appendHeader(RecordHeader(word: 0), to: &output)
    }

    private mutating func forget(_ id: RequestID) -> Bool {
        if pendingBodyEnd == id { pendingBodyEnd = nil }
        return live.remove(id.rawValue)
    }

    public func appendReply(_ reply: ManagementReply, to output: inout [UInt8]) {
        switch reply {
        case .unknownType(let type):
            RecordEncoder.appendUnknownType(type, to: &output)
        case .values(let names):
            var pairs: [(name: String, value: String)] = []
            if names.contains(.maximumConnections) { pairs.append((FCGI_MAX_CONNS, "\(limits.connections)")) }
            if names.contains(.maximumRequests) { pairs.append((FCGI_MAX_REQS, "\(maximumRequests)")) }
            if names.contains(.multiplexesConnections) {
                pairs.append((FCGI_MPXS_CONNS, limits.concurrentRequests > 1 ? "1" : "0"))
            }
            RecordEncoder.appendValuesResult(pairs, to: &output)
        }
    }

    private var maximumRequests: Int {
        let (product, overflow) = limits.connections.multipliedReportingOverflow(by: limits.concurrentRequests)
        return overflow ? Int.max : product
    }
}
