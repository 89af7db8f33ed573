import CFastCGI

/// A connection from a front server that speaks FastCGI 1.0, and the application's side of it.
///
/// What each record does in each state is listed in SUPPORTED.md.
public struct FastCGIConnection: GatewayConnection {
    let limits: Limits
    var cursor = RecordCursor()
    var live = RequestRecords()
    /// Bytes of the parameters that have not ended, of all requests.
    var headBytes = 0
    /// FCGI_BEGIN_REQUEST's content so far, the latest byte lowest.
    var beginBody: UInt64 = 0
    /// FCGI_GET_VALUES' content so far.
    var values: [UInt8] = []
    /// An Authorizer's request has no body, and its end follows at once.
    var pendingBodyEnd: RequestID?
    /// How many parameters the last request had: so many places the next gets at once.
    var expectedParameters = 32
    /// Whether a request came without FCGI_KEEP_CONN, so that the connection ends with it.
    var endsWithRequest = false
    /// What ended the connection; nothing more is read after it.
    var violation: PeerViolation?

    public init(limits: Limits) {
        self.limits = limits
    }

    public var oldestUnfinishedHead: Int64? {
        let head = live.oldestUnfinishedHead
        // A record that is not yet whole is a head where no request is alive, whatever becomes of it.
        let isHead = live.count == 0 || cursor.hasHeader && cursor.header.type == .beginRequest
        guard !cursor.isBetweenRecords, isHead else { return head }
        return min(head ?? cursor.began, cursor.began)
    }

    public var isBetweenRequests: Bool { cursor.isBetweenRecords && !live.hasUnfinished }

    public var hasUnfinishedHeads: Bool { live.oldestUnfinishedHead != nil }

    public var unfinishedHeadBytes: Int { headBytes }

    public var acceptsMoreRequests: Bool { !endsWithRequest && violation == nil }

    public var canSayCut: Bool { true }

    public var bodyBytesLeft: Int { 0 }

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
        if let id = pendingBodyEnd {
            pendingBodyEnd = nil
            return .bodyEnded(id)
        }
        while true {
            switch cursor.phase {
            case .header:
                guard cursor.takeHeader(in: chunk, at: &offset, now: now) else { return nil }
                try recordBegan()
            case .content where cursor.contentLeft > 0:
                let piece = cursor.takeContent(in: chunk, at: &offset)
                if piece.isEmpty { return nil }
                if let event = try contentReceived(piece, of: chunk) { return event }
            case .content:
                cursor.phase = .padding
                if let event = try recordEnded() { return event }
            case .padding:
                guard cursor.skipPadding(in: chunk, at: &offset) else { return nil }
            }
        }
    }
}
