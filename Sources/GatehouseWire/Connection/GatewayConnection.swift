/// One connection from a front server, as a state machine without sockets, clocks or suspension: bytes in, events out;
/// answers in, bytes out.
///
/// `nextEvent` does one of three things:
///  1. It consumes some bytes of the chunk and returns an event.
///  2. It returns `nil`: the whole chunk is consumed, and more bytes are needed. The part of a record or of a head that
///     has come is remembered here, in bounded space.
///  3. It throws a `PeerViolation`: the peer broke the protocol, and the rest of the connection cannot be trusted. So
///     does every later call. The caller closes the connection.
///
/// The caller owns the bytes that it received. It calls `nextEvent` with the same chunk until that returns `nil`, and
/// only then with the next one. Body bytes are never copied: their events hold positions in the chunk.
///
/// All requirements are mutating, also those that change nothing: a value behind `any GatewayConnection` is copied for
/// whoever may not change it.
///
/// A further protocol is one conformance. It decodes in `advance` and inherits `nextEvent`.
public protocol GatewayConnection: Sendable {
    /// A connection on which nothing has been said yet.
    init(limits: Limits)

    // MARK: Bytes in, events out

    /// The next thing that happened; see the type's contract.
    /// - Parameters:
    ///   - offset: the position of the first byte that was not consumed; it moves over those consumed.
    ///   - now: nanoseconds of a monotonic clock, remembered for requests whose head begins here.
    mutating func nextEvent(
        in bytes: Span<UInt8>, at offset: inout Int, now: Int64
    ) throws(PeerViolation) -> ConnectionEvent?

    /// The protocol's part of `nextEvent`, which alone calls it: with an offset within the chunk, and never after a
    /// violation.
    mutating func advance(
        in chunk: UnsafeBufferPointer<UInt8>, at offset: inout Int, now: Int64
    ) throws(PeerViolation) -> ConnectionEvent?

    /// The violation that ended the connection. `nextEvent` sets it, and reads nothing more.
    var violation: PeerViolation? { get set }

    /// The names that requests had before, on whichever connection of the same loop: decoders use them, and add to
    /// them. `nil`, as it is at first, only costs time.
    var names: NameMemory? { get set }

    // MARK: The state between events

    /// When the oldest request head that is still incomplete began. An incomplete record while no request is alive
    /// counts as one: otherwise a peer could hold a connection open by dripping bytes.
    var oldestUnfinishedHead: Int64? { mutating get }

    /// Whether requests have begun whose parameters are still arriving.
    var hasUnfinishedHeads: Bool { mutating get }

    /// The memory that unfinished heads take: bytes of parameters that are here and have not ended.
    var unfinishedHeadBytes: Int { mutating get }

    /// Whether the peer may end its side of the connection here without cutting anything short: no record is
    /// incomplete, and everything that was begun, bodies included, has arrived in full. Answers may still be owed.
    var isBetweenRequests: Bool { mutating get }

    /// Whether further requests may come. `false` once the only request of SCGI or uwsgi has come, or one of FastCGI's
    /// without FCGI_KEEP_CONN: close the connection when every request that is alive has been answered.
    var acceptsMoreRequests: Bool { mutating get }

    /// The bytes still to come of a body whose length was announced; 0 if none is coming, or if the protocol announces
    /// no lengths.
    var bodyBytesLeft: Int { mutating get }

    // MARK: Answers in, bytes out

    /// The first line of a response's head, in the form that the protocol's front servers read.
    var statusLine: StatusLine { mutating get }

    /// Appends `content` as output of the request, in as many records as it takes. Empty content appends nothing.
    mutating func appendOutput(_ content: Span<UInt8>, of id: RequestID, to output: inout [UInt8])

    /// Appends only the frame that goes before up to `count` bytes of output, for content that is written from its own
    /// memory. The caller writes `contentLength` of its bytes, then `paddingLength` zeros, then asks again for the
    /// rest.
    mutating func appendFrame(forOutputOf count: Int, of id: RequestID, to output: inout [UInt8]) -> OutputFrame

    /// Ends the request's output and the request, and forgets its id. Appends nothing for an id that is not alive.
    mutating func appendEnd(of id: RequestID, to output: inout [UInt8])

    /// Answers a request that was refused, and forgets its id.
    mutating func appendRefusal(_ refusal: Refusal, of id: RequestID, to output: inout [UInt8])

    /// Whether the protocol has a message for answers in progress that are cut off. Without one, the connection has to
    /// be reset.
    var canSayCut: Bool { mutating get }

    /// Appends the bytes that tell the front server that the answers in progress are cut off; the connection's end
    /// alone does not tell it. Appends nothing unless ``canSayCut``.
    mutating func appendCut(to output: inout [UInt8])
}

extension GatewayConnection {
    /// The next thing that happened: `advance`, with the contract's rules around it.
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
}

/// The part of an output that a frame covers, and the zero bytes that follow it.
public struct OutputFrame: Sendable, Equatable {
    /// Bytes of content to write after the frame; 0 when there is nothing to frame.
    public var contentLength: Int
    /// Zero bytes to write after the content.
    public var paddingLength: Int

    /// A frame around `contentLength` bytes.
    @inlinable
    public init(contentLength: Int, paddingLength: Int) {
        self.contentLength = contentLength
        self.paddingLength = paddingLength
    }
}
