/// SCGI's answer is the CGI response itself, with nothing around it.
extension SCGIConnection {
    public func appendOutput(_ content: Span<UInt8>, of id: RequestID, to output: inout [UInt8]) {
        content.withUnsafeBufferPointer { output.append(contentsOf: $0) }
    }

    public func appendFrame(forOutputOf count: Int, of id: RequestID, to output: inout [UInt8]) -> OutputFrame {
        OutputFrame(contentLength: count, paddingLength: 0)
    }

    /// Appends nothing: the answer's end is the connection's.
    public mutating func appendEnd(of id: RequestID, to output: inout [UInt8]) {
        phase = .passing
    }

    public mutating func appendRefusal(_ refusal: Refusal, of id: RequestID, to output: inout [UInt8]) {
        phase = .passing
        if let status = refusal.httpStatus { output.append(contentsOf: RefusalAnswer.bytes(status)) }
    }

    /// Appends nothing: an answer of SCGI ends with its connection, however that ends.
    public func appendCut(to output: inout [UInt8]) {}

    /// Appends nothing: SCGI has no management records.
    public func appendReply(_ reply: ManagementReply, to output: inout [UInt8]) {}
}
