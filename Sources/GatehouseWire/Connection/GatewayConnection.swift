/// One connection from a front server, as a state machine without sockets, clocks or suspension: bytes in, events out;
/// answers in, bytes out.
///
/// The caller owns the bytes it received. It calls `nextEvent` with the same chunk until that returns `nil`, which
/// means that the whole chunk is used and more is needed; parts of records are remembered here, in bounded space.
public protocol GatewayConnection: Sendable {
    init(limits: Limits)

    /// The next thing that happened. `offset` moves over the bytes used.
    /// - Parameter now: a monotonic clock's nanoseconds, remembered for requests whose head begins here.
    /// - Throws: where the peer broke the protocol so that the rest of the connection cannot be trusted. Close it.
    mutating func nextEvent(
        in bytes: Span<UInt8>, at offset: inout Int, now: Int64
    ) throws(PeerViolation) -> ConnectionEvent?

    /// When the oldest request head that is still incomplete began. A record that is not whole while no request is
    /// alive counts as one, so that no peer holds a connection with a drip of bytes that are no request.
    var oldestUnfinishedHead: Int64? { get }

    /// Whether the peer may end its side of the connection here without cutting anything short: no record is
    /// incomplete, and all that was begun, bodies included, has wholly arrived. Answers may still be owed.
    var isBetweenRequests: Bool { get }

    /// Whether requests have begun whose parameters are still arriving.
    var hasUnfinishedHeads: Bool { get }

    /// How many bytes of parameters are here that have not ended.
    var unfinishedHeadBytes: Int { get }

    /// Whether further requests may come. `false` once SCGI's only request has come, or one of FastCGI's without
    /// FCGI_KEEP_CONN: close the connection when every request that is alive has been answered.
    var acceptsMoreRequests: Bool { get }

    /// Appends `content` as output of the request, in as many records as it takes. Empty content appends nothing.
    func appendOutput(_ content: Span<UInt8>, of id: RequestID, to output: inout [UInt8])

    /// Appends only the frame that goes before up to `count` bytes of output, for content that is written from where it
    /// lies. The caller writes `contentLength` of its bytes, then `paddingLength` zeros, then asks again for the rest.
    func appendFrame(forOutputOf count: Int, of id: RequestID, to output: inout [UInt8]) -> OutputFrame

    /// Ends the request's output and the request, and forgets its id. Appends nothing for an id that is not alive.
    mutating func appendEnd(of id: RequestID, to output: inout [UInt8])

    /// Answers a request that was refused, and forgets its id.
    mutating func appendRefusal(_ refusal: Refusal, of id: RequestID, to output: inout [UInt8])

    /// Whether the protocol can say that the answers in progress on a connection break off. If not, only a reset of the
    /// connection does.
    var canSayCut: Bool { get }

    /// How many bytes of a body that is counted are still to come; 0 if none is, or bodies are not counted.
    var bodyBytesLeft: Int { get }

    /// Appends what says that the answers in progress break off: the connection's end alone does not. Appends nothing
    /// unless ``canSayCut``.
    func appendCut(to output: inout [UInt8])

    func appendReply(_ reply: ManagementReply, to output: inout [UInt8])
}
