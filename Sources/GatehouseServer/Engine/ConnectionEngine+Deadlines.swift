import GatehouseWire
import Logging

/// What time and the worker demand of a connection.
extension ConnectionEngine: LoopMember {
    package func tick(now: Int64) {
        if case .closing(let since) = state, isOver(limits.lingerTime, since: since, now: now) { return close() }
        guard state == .open else { return }
        if let since = wire.oldestUnfinishedHead, isOver(limits.headTime, since: since, now: now) {
            loop.logger.warning("connection closed: a request's parameters did not arrive in time")
            return close()
        }
        for request in requests { tick(request, now: now) }
        guard state != .closed else { return }
        checkWriteProgress(now: now)
    }

    private func tick(_ request: LiveRequest, now: Int64) {
        guard state == .open else { return }
        if isOver(limits.requestTime, since: request.began, now: now) {
            fail(request, .tookTooLong)
        } else if !request.bodyEnded, !isReadingPaused,
            isOver(limits.bodyIdleTime, since: request.lastBodyActivity, now: now)
        {
            fail(request, Failure(BodyError(.timedOut)))
        } else if requests.count > 1, let since = request.stalledSince,
            isOver(limits.stalledRequestTime, since: since, now: now)
        {
            fail(request, .stalled)
        }
    }

    private func checkWriteProgress(now: Int64) {
        let queued = transport.queuedBytes
        defer { queuedAtLastTick = queued }
        guard queued > 0, queued == queuedAtLastTick else {
            lastWriteProgress = now
            return
        }
        guard isOver(limits.writeIdleTime, since: lastWriteProgress, now: now) else { return }
        loop.logger.notice("connection closed: the front server took nothing of a response in time")
        close()
    }

    /// A limit of 0 is none.
    private func isOver(_ limit: Int64, since: Int64, now: Int64) -> Bool {
        limit > 0 && now - since > limit
    }

    // MARK: The worker's end

    package func drain() {
        isDraining = true
    }

    package func closeIfIdle() {
        guard state == .open, requests.isEmpty, wire.isBetweenRequests else { return }
        close()
    }

    package func abandon() {
        for request in requests { log(request, .workerEnds) }
        close()
    }
}
