/// A connection from a front server that speaks uwsgi: one request, whose answer ends with the connection.
///
/// A packet of variables, whose size is little-endian, and the body after it:
///
///     +-----------+--------+--------+-----------+----------------+------+
///     | modifier1 | sizeB0 | sizeB1 | modifier2 | variables      | body |
///     +-----------+--------+--------+-----------+----------------+------+
///                                                 size bytes       CONTENT_LENGTH bytes
///
/// `UWSGIModifier` says which packets are requests, `UWSGIHead` has the rules for the variables. modifier2 selects
/// nothing in such a request, for uWSGI as for us, and is passed over. The answer begins with an HTTP status line:
/// nginx and lighttpd take CGI's `Status` too, mod_proxy_uwsgi does not, and uWSGI's own router passes on what comes.
public struct UWSGIConnection: SingleRequestConnection {
    private let limits: Limits
    /// The packet's first four bytes as far as they have come, the first in the lowest place.
    private var start: UInt32 = 0
    private var startCount = 0
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

    /// `HTTP/1.1 200 OK`.
    public var statusLine: StatusLine { .http }

    /// Bytes of the variables while they are not all there.
    public var unfinishedHeadBytes: Int { head.count }

    private var size: Int { Int(start >> 8 & 0xffff) }

    /// Reads bytes of the packet; see `SingleRequestConnection`.
    public mutating func takeHead(
        in chunk: UnsafeBufferPointer<UInt8>, at offset: inout Int
    ) throws(PeerViolation) -> ConnectionEvent? {
        while startCount < 4 {
            guard offset < chunk.count else { return nil }
            start |= UInt32(chunk[offset]) << UInt32(8 * startCount)
            offset += 1
            startCount += 1
            if let refusal = try refusalOfStart() { return request.refuse(refusal) }
        }
        // Only received bytes take memory; the announced size reserves none.
        let piece = UnsafeBufferPointer(rebasing: chunk[offset..<offset + min(size - head.count, chunk.count - offset)])
        offset += piece.count
        if head.isEmpty { head = [UInt8](piece) } else { head.append(contentsOf: piece) }
        return head.count == size ? headEnded() : nil
    }

    /// Refuses a packet at the first byte that shows that it is to be refused.
    private func refusalOfStart() throws(PeerViolation) -> Refusal? {
        switch startCount {
        case 1: try UWSGIModifier.refusal(of: UInt8(truncatingIfNeeded: start))
        case 3 where size > ParameterLimits.bytes(limits): ParameterLimits.tooManyBytes(limits)
        default: nil
        }
    }

    private mutating func headEnded() -> ConnectionEvent {
        var bytes: [UInt8] = []
        swap(&bytes, &head)
        do {
            let decoded = try UWSGIHead(bytes, limits: limits, memory: names)
            return request.start(decoded.parameters, bodyLength: decoded.bodyLength)
        } catch {
            return request.refuse(error)
        }
    }
}
