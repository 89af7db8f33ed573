import CFastCGI

/// A connection from a front server that speaks FastCGI 1.0: the application's side of it.
///
///     from the front server:  BEGIN_REQUEST  PARAMS … PARAMS(empty)  STDIN … STDIN(empty)
///     from us:                               STDOUT … STDOUT(empty)  END_REQUEST
///
/// Each of these is a record (`RecordHeader` draws its eight bytes) that names its request, so requests may be
/// interleaved. `nextEvent` consumes some bytes and returns an event; `nil` means that more bytes are needed; it throws
/// a `PeerViolation` when the rest cannot be trusted.
///
/// This file has the state and the loop over records. `+Records` has what each record of a request does, `+Management`
/// what those outside requests do, and `+Output` our answers. SUPPORTED.md lists each record's outcome in each state.
public struct FastCGIConnection: GatewayConnection {
    let limits: Limits
    var cursor = RecordCursor()
    var requests = RequestRecords()
    /// Bytes of the parameters that have not ended, of all requests.
    var headBytes = 0
    /// FCGI_BEGIN_REQUEST's content so far, the latest byte lowest.
    var beginBody: UInt64 = 0
    /// FCGI_GET_VALUES' content so far.
    var values: [UInt8] = []
    /// The event to return next: an Authorizer's request has no body, so its end follows directly after its head.
    var pendingBodyEnd: RequestID?
    /// Whether a request came without FCGI_KEEP_CONN, so that the connection ends with it.
    var endsWithRequest = false
    /// Whether a record of version 1 has come: who sends one speaks FastCGI.
    private var hasSpoken = false

    /// The violation that ended the connection.
    public var violation: PeerViolation?
    /// The names that requests had before; see `GatewayConnection`.
    public var names: NameMemory?

    /// A connection on which nothing has been said yet.
    public init(limits: Limits) {
        self.limits = limits
    }

    /// The next event of the records in `chunk`; see `GatewayConnection`.
    public mutating func advance(
        in chunk: UnsafeBufferPointer<UInt8>, at offset: inout Int, now: Int64
    ) throws(PeerViolation) -> ConnectionEvent? {
        if let id = pendingBodyEnd {
            pendingBodyEnd = nil
            return .bodyEnded(id)
        }
        while true {
            switch cursor.phase {
            case .header:
                guard cursor.takeHeader(in: chunk, at: &offset, now: now) else { return nil }
                try requireVersion()
                if let event = try record(.begins) { return event }
            case .content where cursor.contentLeft > 0:
                let piece = cursor.takeContent(in: chunk, at: &offset)
                if piece.isEmpty { return nil }
                if let event = try record(.continues(chunk, piece)) { return event }
            case .content:
                cursor.phase = .padding
                if let event = try record(.ends) { return event }
            case .padding:
                guard cursor.skipPadding(in: chunk, at: &offset) else { return nil }
            }
        }
    }

    private mutating func requireVersion() throws(PeerViolation) {
        guard cursor.header.version == FCGI_VERSION_1 else {
            let hint = hasSpoken ? "" : ForeignProtocol.hint(cursor.header.version, at: "fastcgi")
            throw PeerViolation(.unsupportedVersion, "version \(cursor.header.version)\(hint)")
        }
        hasSpoken = true
    }

    // MARK: The state between events

    /// When the oldest request began whose FCGI_PARAMS have not ended.
    public var oldestUnfinishedHead: Int64? {
        let head = requests.oldestUnfinishedHead
        // While no request is alive, an incomplete record of any type counts as a head.
        let isHead = requests.count == 0 || cursor.hasHeader && cursor.header.type == .beginRequest
        guard !cursor.isBetweenRecords, isHead else { return head }
        return min(head ?? cursor.began, cursor.began)
    }

    /// Whether a request is alive whose FCGI_PARAMS have not ended.
    public var hasUnfinishedHeads: Bool { requests.oldestUnfinishedHead != nil }

    /// Bytes of FCGI_PARAMS that have not ended, of all requests.
    public var unfinishedHeadBytes: Int { headBytes }

    /// Whether no record is incomplete and every stream of every request has ended.
    public var isBetweenRequests: Bool { cursor.isBetweenRecords && !requests.hasUnfinished }

    /// Whether every request so far came with FCGI_KEEP_CONN.
    public var acceptsMoreRequests: Bool { !endsWithRequest && violation == nil }

    /// Always 0: FCGI_STDIN ends with an empty record, and CONTENT_LENGTH is only a hint.
    public var bodyBytesLeft: Int { 0 }
}
