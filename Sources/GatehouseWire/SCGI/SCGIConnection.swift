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
public struct SCGIConnection: SingleRequestConnection {
    /// The part of the head that is arriving.
    private enum Part {
        /// The digits before the colon.
        case length
        /// The bytes between the colon and the comma.
        case pairs
        case comma
    }

    private let limits: Limits
    private var part = Part.length
    /// The netstring's length as far as it has come, and its digits.
    private var length = 0
    private var digits = 0
    private var head: [UInt8] = []

    /// The state of the request.
    public var request = SingleRequest()

    /// The violation that ended the connection.
    public var violation: PeerViolation?
    /// The names that requests had before; see `GatewayConnection`.
    public var names: NameMemory?

    /// A connection on which nothing has been said yet.
    public init(limits: Limits) {
        self.limits = limits
    }

    /// `Status: 200 OK` (RFC 3875, section 6.3.3).
    public var statusLine: StatusLine { .cgi }

    /// Bytes of the head while it is not whole.
    public var unfinishedHeadBytes: Int { head.count }

    /// Reads bytes of the netstring; see `SingleRequestConnection`.
    public mutating func takeHead(
        in chunk: UnsafeBufferPointer<UInt8>, at offset: inout Int
    ) throws(PeerViolation) -> ConnectionEvent? {
        while offset < chunk.count {
            switch part {
            case .length:
                if let event = try takeLength(in: chunk, at: &offset) { return event }
            case .pairs:
                let piece = chunk[offset..<offset + min(length - head.count, chunk.count - offset)]
                // Only received bytes take memory; the announced length reserves none.
                head.append(contentsOf: UnsafeBufferPointer(rebasing: piece))
                offset = piece.endIndex
                if head.count == length { part = .comma }
            case .comma:
                guard chunk[offset] == UInt8(ascii: ",") else {
                    throw PeerViolation(.badNetstring, "byte \(chunk[offset]) in place of the comma")
                }
                offset += 1
                return try headEnded()
            }
        }
        return nil
    }

    /// Reads digits and the colon after them. A head that is too long is refused at the first digit that shows it, and
    /// nothing of it is kept.
    private mutating func takeLength(
        in chunk: UnsafeBufferPointer<UInt8>, at offset: inout Int
    ) throws(PeerViolation) -> ConnectionEvent? {
        while offset < chunk.count {
            let byte = chunk[offset]
            offset += 1
            if digits > 0, byte == UInt8(ascii: ":") {
                part = length == 0 ? .comma : .pairs
                return nil
            }
            let digit = byte &- UInt8(ascii: "0")
            guard digit <= 9 else {
                let hint = digits == 0 ? ForeignProtocol.hint(byte, at: "scgi") : ""
                throw PeerViolation(.badNetstring, "byte \(byte) in the length\(hint)")
            }
            guard digits == 0 || length > 0 else { throw PeerViolation(.badNetstring, "a length that begins with 0") }
            digits += 1
            length = length * 10 + Int(digit)
            if length > ParameterLimits.bytes(limits) { return request.refuse(ParameterLimits.tooManyBytes(limits)) }
        }
        return nil
    }

    private mutating func headEnded() throws(PeerViolation) -> ConnectionEvent {
        var bytes: [UInt8] = []
        swap(&bytes, &head)
        do {
            let decoded = try SCGIHead(bytes, limits: limits, memory: names)
            return request.start(decoded.parameters, bodyLength: decoded.bodyLength)
        } catch {
            switch error {
            case .violation(let violation): throw violation
            case .refusal(let refusal): return request.refuse(refusal)
            }
        }
    }
}
