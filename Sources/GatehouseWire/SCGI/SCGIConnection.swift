/// A connection from a front server that speaks SCGI: one request, whose answer is the connection's end.
///
///     "70:" CONTENT_LENGTH <NUL> "27" <NUL> SCGI <NUL> "1" <NUL> ... "," body of 27 bytes
public struct SCGIConnection: GatewayConnection {
    enum Phase {
        /// Before the colon. Can transition to: head, passing.
        case length
        /// Can transition to: comma.
        case head
        /// Can transition to: body, passing.
        case comma
        /// Can transition to: complete, passing.
        case body
        /// All has come that may come. Can transition to: passing.
        case complete
        /// Refused or answered: what still comes is passed over.
        case passing
    }

    let limits: Limits
    var phase = Phase.length
    /// The length as far as it has come.
    var length = 0
    var digits = 0
    var head: [UInt8] = []
    var bodyLeft = 0
    var began: Int64 = 0
    var violation: PeerViolation?

    static let id = RequestID(rawValue: 1)

    public init(limits: Limits) {
        self.limits = limits
    }

    public var oldestUnfinishedHead: Int64? {
        switch phase {
        case .length: digits > 0 ? began : nil
        case .head, .comma: began
        case .body, .complete, .passing: nil
        }
    }

    /// SCGI's only request is either not here yet or begun.
    public var hasUnfinishedHeads: Bool { false }

    public var unfinishedHeadBytes: Int { head.count }

    public var isBetweenRequests: Bool {
        switch phase {
        case .length: digits == 0
        case .head, .comma, .body: false
        case .complete, .passing: true
        }
    }

    public var acceptsMoreRequests: Bool {
        guard violation == nil else { return false }
        switch phase {
        case .length, .head, .comma: return true
        case .body, .complete, .passing: return false
        }
    }

    public var canSayCut: Bool { false }

    public var bodyBytesLeft: Int { phase == .body ? bodyLeft : 0 }

    public mutating func nextEvent(
        in bytes: Span<UInt8>, at offset: inout Int, now: Int64
    ) throws(PeerViolation) -> ConnectionEvent? {
        if let violation { throw violation }
        guard offset >= 0, offset <= bytes.count else { return nil }
        do {
            return try bytes.withUnsafeBufferPointer { (chunk) throws(PeerViolation) -> ConnectionEvent? in
                try advance(in: chunk, at: &offset, now: now)
            }
        } catch {
            violation = error
            throw error
        }
    }

    private mutating func advance(
        in chunk: UnsafeBufferPointer<UInt8>, at offset: inout Int, now: Int64
    ) throws(PeerViolation) -> ConnectionEvent? {
        while true {
            if phase == .body, bodyLeft == 0 {
                phase = .complete
                return .bodyEnded(Self.id)
            }
            guard offset < chunk.count else { return nil }
            switch phase {
            case .length:
                if let event = try takeLength(in: chunk, at: &offset, now: now) { return event }
            case .head:
                let piece = chunk[offset..<offset + min(length - head.count, chunk.count - offset)]
                // Bytes that have come, and never what the length says of those that have not.
                head.append(contentsOf: UnsafeBufferPointer(rebasing: piece))
                offset = piece.endIndex
                if head.count == length { phase = .comma }
            case .comma:
                guard chunk[offset] == UInt8(ascii: ",") else {
                    throw PeerViolation(.badNetstring, "byte \(chunk[offset]) in place of the comma")
                }
                offset += 1
                return try headEnded()
            case .body:
                let piece = offset..<offset + min(bodyLeft, chunk.count - offset)
                offset = piece.upperBound
                bodyLeft -= piece.count
                return .bodyReceived(Self.id, piece)
            case .complete:
                throw PeerViolation(.bytesAfterBody, "\(chunk.count - offset) bytes or more")
            case .passing:
                offset = chunk.count
            }
        }
    }

    /// Digits and the colon after them. Nothing is kept of a head that is too long, which no more than ten digits say.
    private mutating func takeLength(
        in chunk: UnsafeBufferPointer<UInt8>, at offset: inout Int, now: Int64
    ) throws(PeerViolation) -> ConnectionEvent? {
        while offset < chunk.count {
            let byte = chunk[offset]
            offset += 1
            if digits > 0, byte == UInt8(ascii: ":") {
                phase = length == 0 ? .comma : .head
                return nil
            }
            let digit = byte &- UInt8(ascii: "0")
            guard digit <= 9 else { throw PeerViolation(.badNetstring, "byte \(byte) in the length") }
            guard digits == 0 || length > 0 else { throw PeerViolation(.badNetstring, "a length that begins with 0") }
            if digits == 0 { began = now }
            digits += 1
            length = length * 10 + Int(digit)
            if length > ParameterLimits.bytes(limits) {
                return refuse(ParameterLimits.tooLarge("parameters of more than \(limits.parameterBytes) bytes"))
            }
        }
        return nil
    }

    private mutating func headEnded() throws(PeerViolation) -> ConnectionEvent {
        var bytes: [UInt8] = []
        swap(&bytes, &head)
        do {
            let decoded = try SCGIHead(bytes, limits: limits)
            bodyLeft = decoded.bodyLength
            phase = .body
            return .requestReceived(
                RequestHead(id: Self.id, role: .responder, keepsConnection: false, parameters: decoded.parameters))
        } catch {
            switch error {
            case .violation(let violation): throw violation
            case .refusal(let refusal): return refuse(refusal)
            }
        }
    }

    private mutating func refuse(_ refusal: Refusal) -> ConnectionEvent {
        phase = .passing
        return .requestRefused(Self.id, refusal)
    }
}
