import GatehouseWire
import HTTPTypes
import Logging

/// The connection as its loop sees it: deadlines, and the worker's end.
extension ConnectionEngine {
    /// Whether there is something to be late for. An idle kept-alive connection has nothing; one with an answer that a
    /// tick has made, and that leaves only after it, has.
    var hasDeadline: Bool {
        switch state {
        case .open:
            !requests.isEmpty || brokenSince != nil || isDirty || transport.queuedBytes > 0
                || wire.oldestUnfinishedHead != nil
        case .ending, .closing: true
        case .closed: false
        }
    }

    /// Checks every deadline.
    package func tick(now: Int64) {
        switch state {
        case .closing(let since, let unread): return tickClosing(since: since, unread: unread, now: now)
        case .ending, .closed: return
        case .open: break
        }
        if let since = wire.oldestUnfinishedHead, isOver(limits.headTime, since: since, now: now) {
            loop.logger.warning("connection closed: a request's parameters did not arrive in time")
            return breakOff()
        }
        for request in requests { tick(request, now: now) }
        guard state == .open else { return }
        if let since = brokenSince, isOver(limits.brokenAnswerTime, since: since, now: now) {
            // The other requests go with it.
            for request in requests where !request.isBrokenOff { log(request, .connectionBroken) }
            return breakOff()
        }
        checkWriteProgress(now: now)
    }

    /// Waits until everything that was written has left, however slowly, and then for the peer's own close.
    private func tickClosing(since: Int64, unread: Bool, now: Int64) {
        if transport.queuedBytes > 0 {
            state = .closing(since: now, unread: unread)
            checkWriteProgress(now: now)
        } else if isOver(unread ? limits.lingerTime : limits.lateRecordTime, since: since, now: now) {
            close()
        }
    }

    private func tick(_ request: LiveRequest, now: Int64) {
        guard state == .open else { return }
        if isOver(limits.requestTime, since: request.began, now: now) {
            tickOverdue(request)
        } else if request.body.isArriving, !isReadingPaused, !isOutputBlocked,
            isOver(limits.bodyIdleTime, since: request.lastBodyActivity, now: now)
        {
            tickIdleBody(request)
        } else if requests.count > 1, let since = request.stalledSince,
            isOver(limits.stalledRequestTime, since: since, now: now)
        {
            fail(request, .stalled)
        }
    }

    private func tickOverdue(_ request: LiveRequest) {
        switch request.phase {
        // Its handler does not end; the peer gets the request's end all the same.
        case .aborted, .brokenOff(isGivenUp: true): end(request, as: request.phaseWithoutAnswer)
        case .brokenOff(isGivenUp: false): break
        case .collecting, .running, .answering, .answered, .orphaned, .over: fail(request, .tookTooLong)
        }
    }

    /// Fails a request whose body stopped arriving. nginx sends no more of a body once it has the response's head: from
    /// then on, only the handler needs to see the body end.
    private func tickIdleBody(_ request: LiveRequest) {
        if request.isUnanswered {
            fail(request, Failure(BodyError(.timedOut)))
        } else {
            request.interruptBody(BodyError(.timedOut))
        }
    }

    private func checkWriteProgress(now: Int64) {
        let sent = transport.sentBytes
        defer { sentAtLastTick = sent }
        guard transport.queuedBytes > 0, sent == sentAtLastTick else {
            lastWriteProgress = now
            return
        }
        guard isOver(limits.writeIdleTime, since: lastWriteProgress, now: now) else { return }
        // A connection that we have broken off already has been logged.
        if !isClosedByUs {
            loop.logger.notice("connection closed: the front server took nothing of a response in time")
        }
        breakOff()
    }

    /// Whether a limit in nanoseconds is exceeded; 0 is no limit.
    private func isOver(_ limit: Int64, since: Int64, now: Int64) -> Bool {
        limit > 0 && now - since > limit
    }

    // MARK: The worker's end

    /// Answers what is in flight and at most one more request, then closes.
    package func drain() {
        isDraining = true
    }

    /// Closes if nothing is in flight, because the worker is about to end.
    package func closeIfIdle() {
        guard state == .open, requests.isEmpty, wire.isBetweenRequests else { return }
        close()
    }

    /// Closes, because the worker has no room for the unfinished parameters.
    package func closeForWantOfRoom() {
        breakOff()
        // Closes without waiting for the peer: the memory is needed now, and waiting would cost other connections
        // theirs.
        close()
    }

    /// Cancels what is in flight, and closes when all that was written has left.
    package func abandon() {
        for request in requests where !request.isBrokenOff {
            log(request, .workerEnds)
            if request.status == 0 { request.status = Failure.workerEnds.status.code }
        }
        breakOff()
        // The process is about to end, and nobody will be here to wait for the peer's own end.
        if transport.queuedBytes == 0 { close() }
    }

    /// Whether written bytes wait for the peer to take them.
    package var owesOutput: Bool { transport.queuedBytes > 0 }
}
