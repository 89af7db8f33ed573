import CFastCGI
public import GatehouseWire

/// Writes the records of a front server's side (FastCGI 1.0, section 3.3).
///
///     +---------+------+-----+-----+--------+--------+---------+----------+---------+---------+
///     | version | type | id1 | id0 | length1 length0 | padding | reserved | content | padding |
///     +---------+------+-----+-----+--------+--------+---------+----------+---------+---------+
public struct FastCGIRequestEncoder: Sendable, Equatable {
    /// The number by which the answer's records will name the request.
    public var id: UInt16
    /// The most content of a PARAMS record. Pairs are cut wherever a record ends.
    public var parameterRecordLength = Int(FCGI_MAX_LENGTH)
    /// The most content of a STDIN record. nginx sends 32 KiB.
    public var bodyRecordLength = 32_768
    /// Content is padded with zeros to a multiple of this many bytes. 1 pads nothing.
    public var alignment = 8

    /// An encoder for one request.
    public init(id: UInt16 = 1) {
        self.id = id
    }

    /// Appends the whole request: begin, parameters, body. An authorizer has no body (section 6.3); it gets the empty
    /// record that ends one, as lighttpd sends it, because many applications wait for it.
    public func append(_ request: ClientRequest, keepsConnection: Bool, to output: inout [UInt8]) {
        appendBegin(request.role, keepsConnection: keepsConnection, to: &output)
        appendParameters(request.parameters, to: &output)
        if request.role != .authorizer { appendBody(request.body, to: &output) }
        appendEndOfBody(to: &output)
        if request.role == .filter { appendRecord(FCGI_DATA, [], to: &output) }
    }

    /// Appends FCGI_BEGIN_REQUEST (section 5.1).
    public func appendBegin(_ role: RequestRole, keepsConnection: Bool, to output: inout [UInt8]) {
        let flags = keepsConnection ? UInt8(FCGI_KEEP_CONN) : 0
        let content = [UInt8(role.rawValue >> 8), UInt8(role.rawValue & 0xff), flags, 0, 0, 0, 0, 0]
        appendRecord(FCGI_BEGIN_REQUEST, content[...], to: &output)
    }

    /// Appends the whole FCGI_PARAMS stream (section 5.2), its end included.
    public func appendParameters(_ parameters: [ClientParameter], to output: inout [UInt8]) {
        var content: [UInt8] = []
        for parameter in parameters { Self.appendPair(parameter, to: &content) }
        appendStream(FCGI_PARAMS, content, recordLength: parameterRecordLength, to: &output)
        appendRecord(FCGI_PARAMS, [], to: &output)
    }

    /// Appends a piece of the FCGI_STDIN stream (section 5.3). An empty piece appends nothing, for an empty record
    /// would end the stream.
    public func appendBody(_ body: [UInt8], to output: inout [UInt8]) {
        appendStream(FCGI_STDIN, body, recordLength: bodyRecordLength, to: &output)
    }

    /// Appends the empty record that ends FCGI_STDIN.
    public func appendEndOfBody(to output: inout [UInt8]) {
        appendRecord(FCGI_STDIN, [], to: &output)
    }

    /// Appends the whole FCGI_DATA stream of a Filter (section 6.4), its end included.
    public func appendData(_ data: [UInt8], to output: inout [UInt8]) {
        appendStream(FCGI_DATA, data, recordLength: bodyRecordLength, to: &output)
        appendRecord(FCGI_DATA, [], to: &output)
    }

    /// Appends FCGI_ABORT_REQUEST (section 5.4).
    public func appendAbort(to output: inout [UInt8]) {
        appendRecord(FCGI_ABORT_REQUEST, [], to: &output)
    }

    /// Appends FCGI_GET_VALUES (section 4.1): a question about the application itself, on request id 0.
    public static func appendGetValues(_ names: [String], to output: inout [UInt8]) {
        var content: [UInt8] = []
        for name in names { appendPair(ClientParameter(name, ""), to: &content) }
        FastCGIRequestEncoder(id: UInt16(FCGI_NULL_REQUEST_ID)).appendRecord(FCGI_GET_VALUES, content[...], to: &output)
    }

    /// Appends a name-value pair (section 3.4). A length under 128 takes one byte; any other takes four, the first with
    /// its top bit set.
    public static func appendPair(_ pair: ClientParameter, to content: inout [UInt8]) {
        appendLength(pair.name.count, to: &content)
        appendLength(pair.value.count, to: &content)
        content += pair.name
        content += pair.value
    }

    private static func appendLength(_ length: Int, to content: inout [UInt8]) {
        if length < 0x80 {
            content.append(UInt8(length))
        } else {
            let bits = UInt32(truncatingIfNeeded: length) | 0x8000_0000
            for shift in [24, 16, 8, 0] { content.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift))) }
        }
    }

    private func appendStream(_ type: Int32, _ content: [UInt8], recordLength: Int, to output: inout [UInt8]) {
        let most = min(max(recordLength, 1), Int(FCGI_MAX_LENGTH))
        var start = 0
        while start < content.count {
            let end = min(start + most, content.count)
            appendRecord(type, content[start..<end], to: &output)
            start = end
        }
    }

    /// Appends one record, with at most the 65,535 bytes of content that its length can announce. The functions above
    /// never pass more.
    public func appendRecord(_ type: Int32, _ content: ArraySlice<UInt8>, to output: inout [UInt8]) {
        let content = content.prefix(Int(FCGI_MAX_LENGTH))
        let step = min(max(alignment, 1), 256)
        let padding = (step - content.count % step) % step
        output.reserveCapacity(output.count + Int(FCGI_HEADER_LEN) + content.count + padding)
        output.append(UInt8(FCGI_VERSION_1))
        output.append(UInt8(truncatingIfNeeded: type))
        output.append(UInt8(id >> 8))
        output.append(UInt8(id & 0xff))
        output.append(UInt8(content.count >> 8))
        output.append(UInt8(content.count & 0xff))
        output.append(UInt8(padding))
        output.append(0)
        output += content
        output.append(contentsOf: repeatElement(0, count: padding))
    }
}
