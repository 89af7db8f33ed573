import CFastCGI

extension FastCGIConnection {
    /// FCGI_BEGIN_REQUEST is whole (section 5.1).
    mutating func requestBegan(_ id: UInt16) -> ConnectionEvent? {
        let role = UInt16(truncatingIfNeeded: beginBody >> 48)
        let keepsConnection = UInt8(truncatingIfNeeded: beginBody >> 40) & UInt8(FCGI_KEEP_CONN) != 0
        if !keepsConnection { endsWithRequest = true }
        guard let role = RequestRole(rawValue: role) else {
            let refusal = Refusal(
                httpStatus: nil, protocolStatus: UInt8(FCGI_UNKNOWN_ROLE), reason: "unknown role \(role)")
            return .requestRefused(RequestID(rawValue: id), refusal)
        }
        if live.count >= limits.concurrentRequests {
            return .requestRefused(RequestID(rawValue: id), tooManyRequests)
        }
        var request = RequestRecord(role: role, keepsConnection: keepsConnection, began: cursor.began)
        request.dataEnded = role != .filter
        live.insert(request, id: id)
        return nil
    }

    private var tooManyRequests: Refusal {
        let limit = limits.concurrentRequests
        let status = limit == 1 ? FCGI_CANT_MPX_CONN : FCGI_OVERLOADED
        return Refusal(
            httpStatus: 503, protocolStatus: UInt8(status), reason: "more than \(limit) requests on one connection")
    }

    mutating func parametersReceived(
        _ content: UnsafeBufferPointer<UInt8>, of id: UInt16
    ) throws(PeerViolation) -> ConnectionEvent? {
        guard let index = live.index(of: id) else { return nil }
        switch live[index].stage {
        case .head: break
        case .running: throw outOfOrder("FCGI_PARAMS after its end")
        case .refused, .aborted: return nil
        }
        let count = live[index].parameters.count
        guard content.count <= ParameterLimits.bytes(limits) - count else {
            return refuse(index, ParameterLimits.tooLarge("parameters of more than \(limits.parameterBytes) bytes"))
        }
        guard content.count <= ParameterLimits.headBytes(limits) - headBytes else {
            return refuse(index, noRoomForHeads)
        }
        headBytes += content.count
        if count == 0 {
            live[index].parameters = [UInt8](content)
        } else {
            live[index].parameters.append(contentsOf: content)
        }
        return nil
    }

    mutating func parametersEnded(of id: UInt16) -> ConnectionEvent? {
        guard let index = live.index(of: id), live[index].stage == .head else { return nil }
        var stream: [UInt8] = []
        swap(&stream, &live[index].parameters)
        headBytes -= stream.count
        do {
            let parameters = try ParameterDecoder.decode(stream, limits: limits, expected: expectedParameters)
            expectedParameters = parameters.count
            live[index].stage = .running
            let role = live[index].role
            if role == .authorizer {
                // mod_authnz_fcgi sends no FCGI_STDIN at all, not even the empty one.
                live[index].bodyEnded = true
                pendingBodyEnd = RequestID(rawValue: id)
            }
            return .requestReceived(
                RequestHead(
                    id: RequestID(rawValue: id), role: role, keepsConnection: live[index].keepsConnection,
                    parameters: parameters))
        } catch {
            return refuse(index, error)
        }
    }

    private var noRoomForHeads: Refusal {
        Refusal(
            httpStatus: 503, protocolStatus: UInt8(FCGI_OVERLOADED),
            reason: "parameters that have not ended of more than \(ParameterLimits.headBytes(limits)) bytes on one "
                + "connection, in \(live.count) requests")
    }

    private mutating func refuse(_ index: Int, _ refusal: Refusal) -> ConnectionEvent {
        live[index].stage = .refused
        dropParameters(index)
        return .requestRefused(RequestID(rawValue: cursor.header.id), refusal)
    }

    private mutating func dropParameters(_ index: Int) {
        headBytes -= live[index].parameters.count
        live[index].parameters = []
    }

    /// FCGI_ABORT_REQUEST (section 5.4), which counts once.
    mutating func requestAborted(_ id: UInt16) -> ConnectionEvent? {
        guard let index = live.index(of: id) else { return nil }
        switch live[index].stage {
        case .refused, .aborted: return nil
        case .head, .running: break
        }
        live[index].stage = .aborted
        dropParameters(index)
        return .requestAborted(RequestID(rawValue: id))
    }

    /// Which variables FCGI_GET_VALUES asks for (section 4.1). Those we do not know are left out of the answer.
    mutating func valuesAsked() throws(PeerViolation) -> ManagementReply.ValueNames {
        var asked: ManagementReply.ValueNames = []
        var decoder = PairDecoder()
        let isWhole = values.withUnsafeBufferPointer { content in
            while decoder.offset < content.count {
                guard let lengths = decoder.nextLengths(in: content),
                    let start = decoder.nextPair(lengths, in: content)
                else { return false }
                switch String(decoding: content[start..<start + lengths.name], as: UTF8.self) {
                case FCGI_MAX_CONNS: asked.insert(.maximumConnections)
                case FCGI_MAX_REQS: asked.insert(.maximumRequests)
                case FCGI_MPXS_CONNS: asked.insert(.multiplexesConnections)
                default: break
                }
            }
            return true
        }
        guard isWhole else { throw PeerViolation(.badGetValues, "a pair runs past the record's end") }
        return asked
    }
}
