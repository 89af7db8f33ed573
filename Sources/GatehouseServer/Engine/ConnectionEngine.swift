package import GatehouseWire
import Logging
package import NIOCore

/// One connection from a front server: its bytes go through the wire to running handlers and back.
///
/// It knows no sockets: the transport under it writes, closes and stops reading when asked. Confined to its event loop,
/// on which all its methods are called except those that say otherwise; hence `@unchecked`.
///
/// Data goes one way through the files: this one (what transport and wire say), `+Bodies` (input and its budgets),
/// `+Handlers` (requests to running handlers), `+Responses` (a handler's response), `+Output` (bytes). Each path ends
/// in `+Endings` (a request's end) or `+Closing` (the connection's). `+Deadlines` is the loop's view of it.
///
/// The wire and the transport are existentials and not generic parameters: it costs the same, and is simpler.
package final class ConnectionEngine: @unchecked Sendable {
    package let loop: LoopContext
    let transport: any ConnectionTransport
    var wire: any GatewayConnection
    /// The form in which the wire's front servers read a status.
    let statusLine: StatusLine
    let mounts: MountTable
    /// The position among the loop's connections, which the list alone sets; -1 outside it.
    var place = -1
    /// Whether the peer is the worker itself: its requests are neither counted nor logged.
    let isInternal: Bool
    /// Whether the peer is nginx, by what its requests say.
    var isFromNginx = false
    var limits: Limits { loop.limits }

    /// The requests that are not over for the peer; mostly one.
    var requests: [LiveRequest] = []
    /// Handlers that still run although their requests are over: those in the phase `orphaned`.
    var orphanedHandlers = 0

    // Input, see `+Bodies`.
    /// Bytes of bodies that wait for handlers.
    var buffered = 0
    /// Bytes of unfinished parameters, as the loop knows them.
    package private(set) var unfinishedHeadBytes = 0
    /// Whether the handlers have as many waiting body bytes as the limits allow.
    var isReadingPaused = false
    /// Whether the peer has stopped taking our answers; no more requests are read from it meanwhile.
    private(set) var isOutputBlocked = false
    /// Bytes of answers to management records since the peer last took what was written.
    private var replyBytes = 0

    // Output, see `+Output`.
    var content: [UInt8] = []
    var contentOwner: LiveRequest?
    var encoded: [UInt8] = []
    var isDirty = false
    var isMarkedUnderWay = false

    // Deadlines, see `+Deadlines`.
    var sentAtLastTick = 0
    var lastWriteProgress: Int64

    /// The connection's life; ``mayBecome(_:)`` is the table of its steps.
    enum State: Equatable {
        case open
        /// The last answer leaves with the next flush, and what still comes is dropped. `unread`: the front server
        /// still owes us a part of what it has begun.
        case ending(unread: Bool)
        /// Our side has sent all it will, goes on reading, and waits for the peer to close: a socket that is closed
        /// before the peer's last byte has come answers that byte with a reset, which can cost the peer the answer.
        case closing(since: Int64, unread: Bool)
        case closed

        func mayBecome(_ next: State) -> Bool {
            switch (self, next) {
            case (.open, .ending), (.open, .closed), (.ending, .closing), (.ending, .closed): true
            // A peer that still takes what was written gets its time from the last byte on.
            case (.closing, .closing), (.closing, .closed): true
            default: false
            }
        }
    }
    var state = State.open {
        willSet { assert(state.mayBecome(newValue), "a connection cannot go from \(state) to \(newValue)") }
    }
    /// Whether the connection ends when no request is left, although the front server asked to keep it.
    var isDraining = false
    /// Whether we close the connection, and not the peer.
    var isClosedByUs = false
    /// When the first answer broke off that waits for the connection's other requests to end, see `+Closing`.
    var brokenSince: Int64?

    /// - Parameter mounts: the handlers of this connection; if `nil`, the loop's.
    package init(
        loop: LoopContext, wire: consuming any GatewayConnection, transport: any ConnectionTransport,
        mounts: MountTable? = nil
    ) {
        self.loop = loop
        self.mounts = mounts ?? loop.mounts
        isInternal = mounts != nil
        isDraining = loop.isDraining
        lastWriteProgress = loop.now()
        statusLine = wire.statusLine
        wire.names = loop.names
        self.wire = wire
        self.transport = transport
    }

    /// The most bytes of answers to management records that wait for a peer which takes nothing: some hundred answers.
    private var replyLimit: Int { 4_096 }

    package var requestCount: Int { requests.count }

    /// Bytes of a counted body that are still to come: for a transport that holds bytes back.
    var bodyBytesLeft: Int { wire.bodyBytesLeft }
    /// Whether the only request has wholly come: for a transport that holds bytes back.
    var hasWholeRequest: Bool { !wire.acceptsMoreRequests && wire.isBetweenRequests }

    // MARK: Calls of the transport

    /// The connection stays, or is about to be read: from now on it is one of the loop's. Before that, it may be read
    /// once, and be answered and gone without having been counted.
    package func opened() {
        loop.add(self)
        if hasDeadline { loop.watch(self) }
    }

    package func received(_ chunk: ByteBuffer) {
        guard state == .open else { return }
        let now = loop.now()
        var offset = 0
        var pieces = BodyPieces()
        do {
            while let event = try wire.nextEvent(in: chunk.readableBytesUInt8Span, at: &offset, now: now) {
                if let id = pieces.id, !event.isBody(of: id) {
                    takeBody(id, pieces.take(from: chunk), now: now)
                    guard state == .open else { return }
                }
                take(event, of: chunk, pieces: &pieces, now: now)
                guard state == .open else { return }
            }
            if let id = pieces.id { takeBody(id, pieces.take(from: chunk), now: now) }
            guard state == .open else { return }
        } catch {
            loop.logger.warning("connection closed, the front server broke the protocol: \(error.description)")
            return breakOff()
        }
        countUnfinishedHeads(wire.unfinishedHeadBytes)
    }

    /// Nothing more can be read just now: requests whose body goes on start without it.
    package func receivedAll() {
        startCollecting()
        loop.flushDirty()
        if !transport.isWritable, !isOutputBlocked, state == .open {
            isOutputBlocked = true
            setReading()
        }
        if hasDeadline { loop.watch(self) }
    }

    package func writabilityChanged() {
        guard transport.isWritable else { return }
        replyBytes = 0
        if isOutputBlocked {
            isOutputBlocked = false
            setReading()
        }
        for request in requests {
            for writer in request.takeWriters() { writer.resume() }
        }
    }

    /// Tells the loop, which has a budget for all its connections together and may close this one.
    func countUnfinishedHeads(_ bytes: Int) {
        guard bytes != unfinishedHeadBytes else { return }
        let difference = bytes - unfinishedHeadBytes
        unfinishedHeadBytes = bytes
        loop.unfinishedHeadsChanged(by: difference)
    }

    // MARK: Events of the wire

    @inline(__always)
    private func take(
        _ event: consuming ConnectionEvent, of chunk: ByteBuffer, pieces: inout BodyPieces, now: Int64
    ) {
        switch consume event {
        case .requestReceived(let head): begin(head, now: now)
        case .bodyReceived(let id, let range): pieces.add(range, of: id, in: chunk)
        case .bodyEnded(let id): endBody(id, now: now)
        case .dataReceived(let id, let range): takeData(id, BodyPieces.piece(range, of: chunk), now: now)
        case .dataEnded(let id): request(id)?.endData()
        case .requestAborted(let id): abort(id)
        case .requestRefused(let id, let refusal): refuse(id, refusal)
        case .questionReceived(let answer): reply(answer)
        }
    }

    func request(_ id: RequestID) -> LiveRequest? {
        requests.first { $0.id == id }
    }

    private func begin(_ head: consuming RequestHead, now: Int64) {
        let request = LiveRequest(head, now: now)
        requests.append(request)
        if !isInternal { loop.requestBegan() }
        guard requests.count + orphanedHandlers <= limits.concurrentRequests else { return fail(request, .overloaded) }
        if request.role == .filter { request.streamData(by: makeStream(for: request)) }
    }

    private func refuse(_ id: RequestID, _ refusal: Refusal) {
        loop.logger.notice("request refused: \(refusal.reason)")
        loop.requestRefused(refusal)
        commitContent()
        wire.appendRefusal(refusal, of: id, to: &encoded)
        endIfLast(unread: true)
        markDirty()
    }

    private func reply(_ answer: [UInt8]) {
        commitContent()
        encoded.append(contentsOf: answer)
        markDirty()
        guard !transport.isWritable else { return }
        // The peer may ask while an answer in progress fills the connection. But if it keeps asking and takes no
        // answers, they must not pile up.
        replyBytes += answer.count
        guard replyBytes > replyLimit else { return }
        loop.logger.warning(
            "connection closed: a flood of management records, whose answers the front server does not take")
        breakOff()
    }
}
