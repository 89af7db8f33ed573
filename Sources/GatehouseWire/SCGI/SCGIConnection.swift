/// A connection from a front server that speaks SCGI: one request, whose answer ends with the connection.
///
/// The head is a netstring: a decimal length, a colon, as many bytes, and a comma. The body follows it.
///
///     +------+-----+------+-----+-------+-----+-----+------+
///     | "70" | ":" | name | NUL | value | NUL | "," | body |
///     +------+-----+------+-----+-------+-----+-----+------+
///      length       \____ 70 bytes of pairs ____/    CONTENT_LENGTH bytes
///
/// `SCGIHead` has the rules for the pairs. `nextEvent` consumes some bytes and returns an event; `nil` means that more
/// bytes are needed; it throws a `PeerViolation` when the rest cannot be trusted.
public struct SCGIConnection: GatewayConnection {
    enum Phase {
        /// The digits before the colon are arriving.
        case length
        /// The bytes between the colon and the comma are arriving.
        case head
        /// The head is whole and the comma is not here.
        case comma
        case body
        /// The whole request has arrived.
        case complete
        /// Refused or answered: further bytes are read and dropped.
        case discarding

        func mayBecome(_ next: Phase) -> Bool {
            switch (self, next) {
            case (.length, .head), (.length, .comma), (.head, .comma), (.comma, .body), (.body, .complete): true
            case (_, .discarding): true
            default: false
            }
        }
    }

    private static let id = RequestID(rawValue: 1)

    private let limits: Limits
    private var phase = Phase.length {
        willSet { assert(phase.mayBecome(newValue), "an SCGI connection cannot go from \(phase) to \(newValue)") }
    }
    /// The netstring's length as far as it has come, and its digits.
    private var length = 0
    private var digits = 0
    private var head: [UInt8] = []
    private var bodyLeft = 0
    /// When the first byte came.
    private var began: Int64 = 0

    /// The violation that ended the connection.
    public var violation: PeerViolation?
    /// The names that requests had before; see `GatewayConnection`.
    public var names: NameMemory?

    /// A connection on which nothing has been said yet.
    public init(limits: Limits) {
        self.limits = limits
    }

    /// The next event of the bytes in `chunk`; see `GatewayConnection`.
    public mutating func advance(
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
                // Only received bytes take memory; the announced length reserves none.
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
            case .discarding:
                offset = chunk.count
            }
        }
    }

    /// Reads digits and the colon after them. A head that is too long is refused at the first digit that shows it, and
    /// nothing of it is kept.
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
            let decoded = try SCGIHead(bytes, limits: limits, memory: names)
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
        phase = .discarding
        return .requestRefused(Self.id, refusal)
    }
}

// MARK: The state between events

extension SCGIConnection {
    /// When the head's first byte came, while the head is not whole.
    public var oldestUnfinishedHead: Int64? {
        switch phase {
        case .length: digits > 0 ? began : nil
        case .head, .comma: began
        case .body, .complete, .discarding: nil
        }
    }

    /// Always `false`: SCGI's only request has not begun before its head is whole.
    public var hasUnfinishedHeads: Bool { false }

    /// Bytes of the head while it is not whole.
    public var unfinishedHeadBytes: Int { head.count }

    /// Whether nothing has come yet, or all has.
    public var isBetweenRequests: Bool {
        switch phase {
        case .length: digits == 0
        case .head, .comma, .body: false
        case .complete, .discarding: true
        }
    }

    /// Whether the only request has not come yet.
    public var acceptsMoreRequests: Bool {
        guard violation == nil else { return false }
        switch phase {
        case .length, .head, .comma: return true
        case .body, .complete, .discarding: return false
        }
    }

    /// Bytes of the body still to come.
    public var bodyBytesLeft: Int { phase == .body ? bodyLeft : 0 }
}

// MARK: The answer: the CGI response itself, with nothing around it

extension SCGIConnection {
    /// Appends `content` as it is.
    public func appendOutput(_ content: Span<UInt8>, of id: RequestID, to output: inout [UInt8]) {
        content.withUnsafeBufferPointer { output.append(contentsOf: $0) }
    }

    /// Appends nothing: output has no frame.
    public func appendFrame(forOutputOf count: Int, of id: RequestID, to output: inout [UInt8]) -> OutputFrame {
        OutputFrame(contentLength: count, paddingLength: 0)
    }

    /// Appends nothing: the answer's end is the connection's.
    public mutating func appendEnd(of id: RequestID, to output: inout [UInt8]) {
        phase = .discarding
    }

    /// Appends a whole CGI response, if the refusal has an HTTP status.
    public mutating func appendRefusal(_ refusal: Refusal, of id: RequestID, to output: inout [UInt8]) {
        phase = .discarding
        if let status = refusal.httpStatus { output.append(contentsOf: RefusalAnswer.bytes(status)) }
    }

    /// Always `false`: an answer ends with its connection, however that ends.
    public var canSayCut: Bool { false }

    /// Appends nothing.
    public func appendCut(to output: inout [UInt8]) {}
}
