package import GatehouseWire
import Logging
package import NIOCore

/// One connection from a front server: its bytes go through the wire to running handlers and back.
///
/// It knows no sockets: the transport under it writes, closes and stops reading when asked. Confined to its event loop,
/// where all its methods are called but for those that say otherwise; hence `@unchecked`.
///
/// Input is in this file and `+Bodies`, handlers in `+Handlers`, output in `+Output`, answers that cannot be completed in
/// `+BreakingOff`, and what time and the worker demand in `+Deadlines`.
///
/// The wire and the transport are existentials and not generic parameters: it costs the same, and is simpler.
package final class ConnectionEngine: @unchecked Sendable {
    package let loop: LoopContext
    let transport: any ConnectionTransport
    var wire: any GatewayConnection
    let mounts: MountTable
    /// Whether the peer is the worker itself: what it asks is neither counted nor logged.
    let isInternal: Bool
    var limits: Limits { loop.limits }

    /// The requests that have neither been answered nor aborted to their end; mostly one.
    var requests: [LiveRequest] = []
    /// Handlers that go on although their request is over.
    var orphanedHandlers = 0

    // Input.
    /// Requests of the chunk at hand whose body may still arrive in it.
    var unstarted: [LiveRequest] = []
    var buffered = 0
    /// Bytes of parameters that have not ended, as the loop knows them.
    package private(set) var unfinishedHeadBytes = 0
    /// The handlers have as much of their bodies as they may.
    var isReadingPaused = false
    /// The peer does not take our answers, so it shall not ask for more.
    var isOutputBlocked = false
    /// Bytes of answers to management records since the peer last took what was written.
    private var replyBytes = 0
    /// When the first answer broke off that waits for its connection's other requests, see `+BreakingOff`.
    var brokenSince: Int64?

    // Output, see `+Output`.
    var content: [UInt8] = []
    var contentOwner: LiveRequest?
    var encoded: [UInt8] = []
    var isDirty = false
    var isMarkedUnderWay = false
    var sentAtLastTick = 0
    var lastWriteProgress: Int64

    /// How the connection stands.
    enum State: Equatable {
        /// Can become: ending, closed.
        case open
        /// The last answer leaves with the next flush, and what still comes is dropped. `unread`: the front server
        /// still owes us a part of what it has begun. Can become: closing, closed.
        case ending(unread: Bool)
        /// Our side has said all it will, goes on reading, and waits for the peer to close: a socket that is closed
        /// before the peer's last byte has come answers that byte with a reset, which can cost the peer the answer.
        /// Can become: closed.
        case closing(since: Int64, unread: Bool)
        /// Final.
        case closed
    }
    var state = State.open
    /// Whether the connection ends when no request is left, although the front server asked to keep it.
    var isDraining = false
    /// Whether it is we who close, and not the peer.
    var isClosedByUs = false

    /// - Parameter mounts: what answers on this connection; the loop's own mounts where `nil`.
    package init(
        loop: LoopContext, wire: any GatewayConnection, transport: any ConnectionTransport, mounts: MountTable? = nil
    ) {
        self.loop = loop
        self.mounts = mounts ?? loop.mounts
        isInternal = mounts != nil
        lastWriteProgress = loop.now()
        self.wire = wire
        self.transport = transport
    }

    /// A piece of a body that is copied instead of kept where it was read.
    private var smallPiece: Int { 16_384 }
    /// Answers to management records, in bytes, that wait for a peer which takes nothing: some hundred of them.
    private var replyLimit: Int { 4_096 }

    package var requestCount: Int { requests.count }

    /// What a transport that holds bytes back must know of the request: how much of a counted body is to come, and
    /// whether all has come that may.
    var bodyBytesLeft: Int { wire.bodyBytesLeft }
    var hasWholeRequest: Bool { !wire.acceptsMoreRequests && wire.isBetweenRequests }

    // MARK: What the transport says

    package func opened() {
        loop.add(self)
    }

    package func received(_ chunk: ByteBuffer) {
        guard state == .open else { return }
        let now = loop.now()
        var offset = 0
        do {
            while let event = try wire.nextEvent(in: chunk.readableBytesUInt8Span, at: &offset, now: now) {
                take(event, of: chunk, now: now)
                guard state == .open else { return }
            }
        } catch {
            loop.logger.warning("connection closed, the front server broke the protocol: \(error.description)")
            return breakOff()
        }
        countUnfinishedHeads(Self.unfinishedHeadBytes(&wire))
    }

    /// Tells the loop, which has a budget for all its connections together and may close this one.
    private func countUnfinishedHeads(_ bytes: Int) {
        guard bytes != unfinishedHeadBytes else { return }
        let difference = bytes - unfinishedHeadBytes
        unfinishedHeadBytes = bytes
        loop.unfinishedHeadsChanged(by: difference)
    }

    /// By `inout` as in `+Output`: an existential in a property would be copied first.
    private static func unfinishedHeadBytes(_ wire: inout some GatewayConnection) -> Int { wire.unfinishedHeadBytes }

    /// Nothing more is there to be read just now: requests whose body goes on start without it.
    package func receivedAll() {
        startUnstarted()
        loop.flushDirty()
        if !transport.isWritable, !isOutputBlocked, state == .open {
            isOutputBlocked = true
            setReading()
        }
    }

    /// The connection is gone, whoever ended it.
    package func closed() {
        if state == .closed { return }
        if !isClosedByUs, !wire.isBetweenRequests, requests.isEmpty, state == .open {
            loop.logger.notice("the front server ended its connection within a request")
        }
        state = .closed
        abandonRequests()
        contentOwner = nil
        countUnfinishedHeads(0)
        // A worker that only asks itself rests.
        if !isInternal { loop.rest.work &+= 1 }
        loop.remove(self)
    }

    /// Ends every request without an answer; the handlers are told, and end in their own time.
    func abandonRequests() {
        let ended = requests
        requests = []
        unstarted = []
        for request in ended {
            if request.response != .abandoned, !isClosedByUs { request.isAborted = true }
            request.response = .abandoned
            if !isInternal { loop.requestEnded(request) }
            request.cancel(BodyError(.aborted))
        }
    }

    package func writabilityChanged() {
        guard transport.isWritable else { return }
        replyBytes = 0
        if isOutputBlocked {
            isOutputBlocked = false
            setReading()
        }
        for request in requests where !request.writers.isEmpty {
            let waiting = request.writers
            request.writers = [:]
            for writer in waiting.values { writer.resume() }
        }
    }

    /// Ends the connection at once.
    func close() {
        if state == .closed { return }
        isClosedByUs = true
        flushOutput()
        transport.close()
        closed()
    }

    // MARK: What the wire says

    private func take(_ event: ConnectionEvent, of chunk: ByteBuffer, now: Int64) {
        switch event {
        case .requestReceived(let head): begin(head, now: now)
        case .bodyReceived(let id, let range): takeBody(id, slice(chunk, range), now: now)
        case .bodyEnded(let id): endBody(id, now: now)
        case .dataReceived(let id, let range): takeData(id, slice(chunk, range), now: now)
        case .dataEnded(let id):
            request(id)?.dataEnded = true
            request(id)?.data?.finish()
        case .requestAborted(let id): abort(id)
        case .requestRefused(let id, let refusal):
            loop.logger.notice("request refused: \(refusal.reason)")
            loop.requestRefused(refusal)
            commitContent()
            wire.appendRefusal(refusal, of: id, to: &encoded)
            endIfLast(unread: true)
            markDirty()
        case .questionReceived(let answer): reply(answer)
        }
    }

    private func slice(_ chunk: ByteBuffer, _ range: Range<Int>) -> ByteBuffer {
        // The wire counts from the chunk's first readable byte, and never past its last.
        let slice = chunk.getSlice(at: chunk.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
        // A slice keeps the whole read buffer: a thousand handlers that each hold a small one would hold 64 MiB.
        return slice.readableBytes >= smallPiece ? slice : ByteBuffer(slice.readableBytesView)
    }

    func request(_ id: RequestID) -> LiveRequest? {
        requests.first { $0.id == id }
    }

    private func begin(_ head: RequestHead, now: Int64) {
        let request = LiveRequest(head, now: now)
        requests.append(request)
        if !isInternal { loop.requestBegan() }
        guard requests.count + orphanedHandlers <= limits.concurrentRequests else { return fail(request, .overloaded) }
        if request.role == .filter { request.data = makeStream(for: request) }
        unstarted.append(request)
    }

    func forgetUnstarted(_ request: LiveRequest) {
        if let index = unstarted.firstIndex(where: { $0 === request }) { unstarted.remove(at: index) }
    }

    private func startUnstarted() {
        guard !unstarted.isEmpty else { return }
        let waiting = unstarted
        unstarted = []
        // One may have ended the connection, or been refused, meanwhile.
        for request in waiting where requests.contains(where: { $0 === request }) { start(request) }
    }

    private func reply(_ answer: [UInt8]) {
        commitContent()
        encoded.append(contentsOf: answer)
        markDirty()
        guard !transport.isWritable else { return }
        // An answer in progress may fill the connection when the peer asks; who asks on and on and takes no answers
        // must not make them pile up.
        replyBytes += answer.count
        guard replyBytes > replyLimit else { return }
        loop.logger.warning(
            "connection closed: a flood of management records, whose answers the front server does not take")
        breakOff()
    }

    private func abort(_ id: RequestID) {
        guard let request = request(id) else {
            // Its parameters were still arriving.
            commitContent()
            wire.appendEnd(of: id, to: &encoded)
            endIfLast(unread: true)
            return markDirty()
        }
        forgetUnstarted(request)
        if request.response != .abandoned { request.isAborted = true }
        request.isBrokenOff = false
        guard request.hasStarted, !request.isDone else { return end(request) }
        // The handler ends first, then the request: a peer cannot start handlers faster than they end.
        request.response = .abandoned
        request.cancel(BodyError(.aborted))
        giveBack(request)
        resumeReadingIfPossible()
        breakOffIfAlone()
    }
}
