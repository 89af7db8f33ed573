import CFastCGI

extension FastCGIConnection {
    /// A header is whole: what can be said without the content.
    mutating func recordBegan() throws(PeerViolation) {
        let header = cursor.header
        guard header.version == FCGI_VERSION_1 else {
            throw PeerViolation(.unsupportedVersion, "version \(header.version)")
        }
        switch header.type {
        case .beginRequest:
            try requireID(header)
            guard header.contentLength == MemoryLayout<FCGI_BeginRequestBody>.size else {
                throw PeerViolation(.badBeginRequest, "FCGI_BEGIN_REQUEST of \(header.contentLength) bytes")
            }
            if live.contains(header.id) {
                throw PeerViolation(.requestIDInUse, "id \(header.id) begins again before its end")
            }
            beginBody = 0
        case .abortRequest, .parameters, .standardInput, .data:
            try requireID(header)
        case .endRequest, .standardOutput, .standardError:
            throw PeerViolation(.wrongDirection, "type \(header.type.rawValue) comes from applications only")
        case .getValues where header.id == FCGI_NULL_REQUEST_ID:
            guard header.contentLength <= Limits.managementBytes else {
                throw PeerViolation(.badGetValues, "\(header.contentLength) bytes, over \(Limits.managementBytes)")
            }
            values.removeAll(keepingCapacity: true)
        default:
            break
        }
    }

    private func requireID(_ header: RecordHeader) throws(PeerViolation) {
        if header.id == FCGI_NULL_REQUEST_ID {
            throw PeerViolation(.nullRequestID, "type \(header.type.rawValue) with id 0")
        }
    }

    /// Some of the current record's content has come, at least a byte.
    mutating func contentReceived(
        _ piece: Range<Int>, of chunk: UnsafeBufferPointer<UInt8>
    ) throws(PeerViolation) -> ConnectionEvent? {
        let header = cursor.header
        switch header.type {
        case .parameters:
            return try parametersReceived(UnsafeBufferPointer(rebasing: chunk[piece]), of: header.id)
        case .standardInput:
            guard let index = try openStream(of: header.id), live[index].role != .authorizer else { return nil }
            if live[index].bodyEnded { throw outOfOrder("FCGI_STDIN after its end") }
            return .bodyReceived(RequestID(rawValue: header.id), piece)
        case .data:
            guard let index = try openStream(of: header.id), live[index].role == .filter else { return nil }
            if live[index].dataEnded { throw outOfOrder("FCGI_DATA after its end") }
            return .dataReceived(RequestID(rawValue: header.id), piece)
        case .beginRequest:
            for byte in chunk[piece] { beginBody = beginBody << 8 | UInt64(byte) }
            return nil
        case .getValues where header.id == FCGI_NULL_REQUEST_ID:
            values.append(contentsOf: chunk[piece])
            return nil
        default:
            return nil
        }
    }

    /// The current record's content is whole; padding may follow.
    mutating func recordEnded() throws(PeerViolation) -> ConnectionEvent? {
        let header = cursor.header
        let isEmpty = header.contentLength == 0
        switch header.type {
        case .parameters where isEmpty:
            return parametersEnded(of: header.id)
        case .standardInput where isEmpty:
            guard let index = try openStream(of: header.id), !live[index].bodyEnded else { return nil }
            live[index].bodyEnded = true
            return .bodyEnded(RequestID(rawValue: header.id))
        case .data where isEmpty:
            guard let index = try openStream(of: header.id), !live[index].dataEnded else { return nil }
            live[index].dataEnded = true
            return .dataEnded(RequestID(rawValue: header.id))
        case .beginRequest:
            return requestBegan(header.id)
        case .abortRequest:
            return requestAborted(header.id)
        case .getValues where header.id == FCGI_NULL_REQUEST_ID:
            return .replyRequested(.values(try valuesAsked()))
        case .parameters, .standardInput, .data, .getValues, .getValuesResult, .unknownType:
            // The last two are answers. To answer an answer with FCGI_UNKNOWN_TYPE could go on for ever.
            return nil
        default:
            return header.id == FCGI_NULL_REQUEST_ID ? .replyRequested(.unknownType(header.type.rawValue)) : nil
        }
    }

    /// The request whose STDIN or DATA the current record belongs to; `nil` where the record is to be passed over.
    private mutating func openStream(of id: UInt16) throws(PeerViolation) -> Int? {
        guard let index = live.index(of: id) else { return nil }
        switch live[index].stage {
        case .running: return index
        case .head: throw outOfOrder("type \(cursor.header.type.rawValue) before the end of FCGI_PARAMS")
        case .refused, .aborted: return nil
        }
    }

    func outOfOrder(_ what: String) -> PeerViolation {
        PeerViolation(.streamOutOfOrder, "\(what), id \(cursor.header.id)")
    }
}
