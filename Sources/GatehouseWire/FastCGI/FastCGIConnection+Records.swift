import CFastCGI

/// A stage in reading a record. The function for the record's type is called at each stage.
enum RecordStep {
    /// The header is complete; checks that need no content are made now.
    case begins
    /// A piece of the content: at least one byte, at these positions of the chunk.
    case continues(UnsafeBufferPointer<UInt8>, Range<Int>)
    /// Its content is whole. Only padding may follow.
    case ends
}

// One function for each type of record that belongs to a request.
extension FastCGIConnection {
    mutating func record(_ step: RecordStep) throws(PeerViolation) -> ConnectionEvent? {
        switch cursor.header.type {
        case .beginRequest: return try beginRequest(step)
        case .parameters: return try parameters(step)
        case .standardInput: return try standardInput(step)
        case .data: return try data(step)
        case .abortRequest: return try abortRequest(step)
        case .endRequest, .standardOutput, .standardError:
            throw PeerViolation(.wrongDirection, "type \(cursor.header.type.rawValue) comes from applications only")
        default: return try managementRecord(step)
        }
    }

    /// FCGI_BEGIN_REQUEST (section 5.1): eight bytes with a role and flags, and a new id.
    ///
    ///     +---------+---------+-------+--------------------------+
    ///     | roleB1  | roleB0  | flags | reserved (five bytes)    |
    ///     +---------+---------+-------+--------------------------+
    private mutating func beginRequest(_ step: RecordStep) throws(PeerViolation) -> ConnectionEvent? {
        let header = cursor.header
        switch step {
        case .begins:
            try requireID()
            guard header.contentLength == MemoryLayout<FCGI_BeginRequestBody>.size else {
                throw PeerViolation(.badBeginRequest, "FCGI_BEGIN_REQUEST of \(header.contentLength) bytes")
            }
            if requests.contains(header.id) {
                throw PeerViolation(.requestIDInUse, "id \(header.id) begins again before its end")
            }
            beginBody = 0
            return nil
        case .continues(let chunk, let piece):
            for byte in chunk[piece] { beginBody = beginBody << 8 | UInt64(byte) }
            return nil
        case .ends:
            let role = UInt16(truncatingIfNeeded: beginBody >> 48)
            let keepsConnection = UInt8(truncatingIfNeeded: beginBody >> 40) & UInt8(FCGI_KEEP_CONN) != 0
            if !keepsConnection { endsWithRequest = true }
            guard let role = RequestRole(rawValue: role) else { return refuseNew(unknownRole(role)) }
            guard requests.count < limits.concurrentRequests else { return refuseNew(tooManyRequests) }
            requests.insert(
                RequestRecord(role: role, keepsConnection: keepsConnection, began: cursor.began), id: header.id)
            return nil
        }
    }

    /// FCGI_PARAMS (section 5.2): a stream of name-value pairs, cut anywhere between records. The request starts at its
    /// end, the empty record.
    private mutating func parameters(_ step: RecordStep) throws(PeerViolation) -> ConnectionEvent? {
        let header = cursor.header
        switch step {
        case .begins:
            try requireID()
            return nil
        case .continues(let chunk, let piece):
            guard let index = requests.index(of: header.id) else { return nil }
            switch requests[index].stage {
            case .head: return keepParameters(UnsafeBufferPointer(rebasing: chunk[piece]), of: index)
            case .running: throw outOfOrder("FCGI_PARAMS after its end")
            case .refused, .aborted: return nil
            }
        case .ends:
            guard header.contentLength == 0, let index = requests.index(of: header.id),
                requests[index].stage == .head
            else { return nil }
            return startRequest(index)
        }
    }

    private mutating func keepParameters(_ content: UnsafeBufferPointer<UInt8>, of index: Int) -> ConnectionEvent? {
        let count = requests[index].parameters.count
        guard content.count <= ParameterLimits.bytes(limits) - count else {
            return refuse(index, ParameterLimits.tooManyBytes(limits))
        }
        guard content.count <= ParameterLimits.headBytes(limits) - headBytes else {
            return refuse(index, noRoomForHeads)
        }
        headBytes += content.count
        if count == 0 {
            requests[index].parameters = [UInt8](content)
        } else {
            requests[index].parameters.append(contentsOf: content)
        }
        return nil
    }

    private mutating func startRequest(_ index: Int) -> ConnectionEvent {
        let id = RequestID(rawValue: cursor.header.id)
        var stream: [UInt8] = []
        swap(&stream, &requests[index].parameters)
        headBytes -= stream.count
        do {
            let parameters = try ParameterDecoder.decode(stream, limits: limits, memory: names)
            requests[index].stage = .running
            let role = requests[index].role
            if role == .authorizer {
                // mod_authnz_fcgi sends no FCGI_STDIN at all, not even the empty one.
                requests[index].bodyEnded = true
                pendingBodyEnd = id
            }
            return .requestReceived(
                RequestHead(
                    id: id, role: role, keepsConnection: requests[index].keepsConnection, parameters: parameters))
        } catch {
            return refuse(index, error)
        }
    }

    /// FCGI_STDIN (section 5.3): the request's body. It ends with the empty record, whatever CONTENT_LENGTH says. An
    /// Authorizer has none, and its records are passed over.
    private mutating func standardInput(_ step: RecordStep) throws(PeerViolation) -> ConnectionEvent? {
        let header = cursor.header
        switch step {
        case .begins:
            try requireID()
            return nil
        case .continues(_, let piece):
            guard let index = try runningRequest(), requests[index].role != .authorizer else { return nil }
            if requests[index].bodyEnded { throw outOfOrder("FCGI_STDIN after its end") }
            return .bodyReceived(RequestID(rawValue: header.id), piece)
        case .ends:
            guard header.contentLength == 0, let index = try runningRequest(), !requests[index].bodyEnded else {
                return nil
            }
            requests[index].bodyEnded = true
            return .bodyEnded(RequestID(rawValue: header.id))
        }
    }

    /// FCGI_DATA (section 5.3): a Filter's file, as FCGI_STDIN is the body. For other roles it is passed over.
    private mutating func data(_ step: RecordStep) throws(PeerViolation) -> ConnectionEvent? {
        let header = cursor.header
        switch step {
        case .begins:
            try requireID()
            return nil
        case .continues(_, let piece):
            guard let index = try runningRequest(), requests[index].role == .filter else { return nil }
            if requests[index].dataEnded { throw outOfOrder("FCGI_DATA after its end") }
            return .dataReceived(RequestID(rawValue: header.id), piece)
        case .ends:
            guard header.contentLength == 0, let index = try runningRequest(), !requests[index].dataEnded else {
                return nil
            }
            requests[index].dataEnded = true
            return .dataEnded(RequestID(rawValue: header.id))
        }
    }

    /// FCGI_ABORT_REQUEST (section 5.4), which counts once. Its content, if it has any, is passed over.
    private mutating func abortRequest(_ step: RecordStep) throws(PeerViolation) -> ConnectionEvent? {
        switch step {
        case .begins:
            try requireID()
            return nil
        case .continues:
            return nil
        case .ends:
            guard let index = requests.index(of: cursor.header.id) else { return nil }
            switch requests[index].stage {
            case .refused, .aborted: return nil
            case .head, .running: break
            }
            requests[index].stage = .aborted
            dropParameters(index)
            return .requestAborted(RequestID(rawValue: cursor.header.id))
        }
    }

    // MARK: Rules of more than one type

    /// Id 0 is kept for management records (section 3.3).
    private func requireID() throws(PeerViolation) {
        if cursor.header.id == FCGI_NULL_REQUEST_ID {
            throw PeerViolation(.nullRequestID, "type \(cursor.header.type.rawValue) with id 0")
        }
    }

    /// The running request to which the current FCGI_STDIN or FCGI_DATA belongs; `nil` if the record is passed over,
    /// because its request was refused, was aborted, or is not alive.
    private mutating func runningRequest() throws(PeerViolation) -> Int? {
        guard let index = requests.index(of: cursor.header.id) else { return nil }
        switch requests[index].stage {
        case .running: return index
        case .head: throw outOfOrder("type \(cursor.header.type.rawValue) before the end of FCGI_PARAMS")
        case .refused, .aborted: return nil
        }
    }

    private func outOfOrder(_ problem: String) -> PeerViolation {
        PeerViolation(.streamOutOfOrder, "\(problem), id \(cursor.header.id)")
    }

    // MARK: Refusals

    /// Refuses a request without remembering it: its further records are handled like those of any id that is not
    /// alive.
    private func refuseNew(_ refusal: Refusal) -> ConnectionEvent {
        .requestRefused(RequestID(rawValue: cursor.header.id), refusal)
    }

    private mutating func refuse(_ index: Int, _ refusal: Refusal) -> ConnectionEvent {
        requests[index].stage = .refused
        dropParameters(index)
        return .requestRefused(RequestID(rawValue: cursor.header.id), refusal)
    }

    private mutating func dropParameters(_ index: Int) {
        headBytes -= requests[index].parameters.count
        requests[index].parameters = []
    }

    private func unknownRole(_ role: UInt16) -> Refusal {
        Refusal(httpStatus: nil, protocolStatus: UInt8(FCGI_UNKNOWN_ROLE), reason: "unknown role \(role)")
    }

    private var tooManyRequests: Refusal {
        let limit = limits.concurrentRequests
        let status = limit == 1 ? FCGI_CANT_MPX_CONN : FCGI_OVERLOADED
        return Refusal(
            httpStatus: 503, protocolStatus: UInt8(status), reason: "more than \(limit) requests on one connection")
    }

    private var noRoomForHeads: Refusal {
        Refusal(
            httpStatus: 503, protocolStatus: UInt8(FCGI_OVERLOADED),
            reason: "parameters that have not ended of more than \(ParameterLimits.headBytes(limits)) bytes on one "
                + "connection, in \(requests.count) requests")
    }
}
