import GatehouseWire

/// A connection that changes workers: only between two requests, when what the other worker begins with, a fresh wire
/// and empty buffers, is also what we have. What the front server has sent and we have not read goes with the socket.
extension ConnectionEngine {
    package func handOverIfIdle() {
        guard let handOver = loop.handOver, handOver.isUsable, isIdle, transport.handOver(through: handOver) else {
            return
        }
        closed()
    }

    /// Nothing is in flight, in either direction.
    private var isIdle: Bool {
        state == .open && requests.isEmpty && orphanedHandlers == 0 && unstarted.isEmpty && wire.isBetweenRequests
            && !wire.hasUnfinishedHeads && wire.acceptsMoreRequests && !isDirty && content.isEmpty && encoded.isEmpty
            && transport.queuedBytes == 0 && !isReadingPaused && !isOutputBlocked
    }

    /// Not at once: what has just been answered must leave, and what was read with it be looked at.
    func handOverSoon() {
        loop.poll.execute { [weak self] in self?.handOverIfIdle() }
    }
}
