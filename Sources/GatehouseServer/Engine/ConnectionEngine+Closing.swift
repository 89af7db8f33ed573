import GatehouseWire
import Logging

/// The connection's end: after its last request, broken off, at once, or by going to another worker.
extension ConnectionEngine {
    // MARK: After the last request

    /// Ends the connection with the next flush if no request is left and none may follow.
    /// - Parameter unread: whether the front server still owes us a part of what it has begun.
    func endIfLast(unread: Bool) {
        guard requests.isEmpty, state == .open, isDraining || !wire.acceptsMoreRequests, !wire.hasUnfinishedHeads
        else { return }
        if loop.handsOver, wire.acceptsMoreRequests { return handOverSoon() }
        state = .ending(unread: unread)
    }

    /// Ends our side after the flush of the last answer.
    func closeOutputIfEnding() {
        guard case .ending(let unread) = state else { return }
        state = .closing(since: loop.now(), unread: unread)
        if isReadingPaused || isOutputBlocked { transport.resumeReading() }
        transport.endAfterFlush(end(unread: unread))
        loop.watch(self)
    }

    private func end(unread: Bool) -> ConnectionEnd {
        guard !unread, hasWholeRequest else { return .halfClosed }
        // Only a protocol of records can have one behind the end. nginx sends none, and neither does the worker itself.
        return isInternal || isFromNginx || !wire.canSayCut ? .closed : .lingering
    }

    // MARK: Broken off

    /// Breaks the connection off if all requests on it wait for that.
    func breakOffIfAlone() {
        guard brokenSince != nil, state == .open else { return }
        if !requests.contains(where: { $0.isBrokenOff }) {
            // The front server has given them up.
            brokenSince = nil
        } else if requests.allSatisfy({ $0.isBrokenOff }) {
            breakOff()
        }
    }

    /// Ends the connection, and all its requests without an answer.
    func breakOff() {
        guard state == .open else { return close() }
        let isCut = requests.contains { $0.isBrokenOff || $0.phase == .answering(hasLeft: true) }
        if let owner = contentOwner, owner.phase == .answering(hasLeft: false) { content.removeAll() }
        isClosedByUs = true
        abandonRequests()
        guard isCut else { return close() }
        commitContent()
        contentOwner = nil
        guard wire.canSayCut else {
            transport.reset()
            return closed()
        }
        wire.appendCut(to: &encoded)
        lastWriteProgress = loop.now()
        state = .ending(unread: true)
        markDirty()
        flushOutput()
    }

    // MARK: At once

    func close() {
        if state == .closed { return }
        isClosedByUs = true
        flushOutput()
        transport.close()
        closed()
    }

    /// The connection is gone, by whichever side.
    package func closed() {
        if state == .closed { return }
        if !isClosedByUs, !wire.isBetweenRequests, requests.isEmpty, state == .open {
            loop.logger.notice("the front server ended its connection within a request")
        }
        state = .closed
        abandonRequests()
        contentOwner = nil
        countUnfinishedHeads(0)
        leaveBuffers()
        // A worker whose only requests are its own probes counts as idle.
        if !isInternal { loop.noteWork() }
        loop.remove(self)
    }

    // MARK: To another worker

    /// Gives the connection to another worker between two requests: only then do our wire and buffers hold no state
    /// that the other worker would lack. Bytes that we have not read stay in the socket.
    package func handOverIfIdle() {
        guard let handOver = loop.handOver, handOver.isUsable, isIdle, transport.handOver(through: handOver) else {
            return
        }
        closed()
    }

    /// Whether nothing is in flight, in either direction.
    private var isIdle: Bool {
        state == .open && requests.isEmpty && orphanedHandlers == 0 && wire.isBetweenRequests
            && !wire.hasUnfinishedHeads && wire.acceptsMoreRequests && !isDirty && content.isEmpty && encoded.isEmpty
            && transport.queuedBytes == 0 && !isReadingPaused && !isOutputBlocked
    }

    /// Hands over later: the answer must leave first, and the rest of the read bytes must be decoded.
    private func handOverSoon() {
        loop.poll.execute { [weak self] in self?.handOverIfIdle() }
    }
}
