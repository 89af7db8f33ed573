import GatehouseWire
import HTTPTypes
import Logging

/// The ends of requests: answered, failed, broken off, aborted, or abandoned with their connection.
///
/// If no byte of an answer has left, the client gets the failure's status instead. Any other answer is broken off in a
/// way that no front server mistakes for its end. Closing the connection is not enough: nginx, as it comes, takes that
/// for the answer's regular end. `SUPPORTED.md` has a table of the front servers.
extension ConnectionEngine {
    /// Ends the request towards the peer, tidies up after it, and sees what that means for the connection.
    func end(_ request: LiveRequest, as phase: LiveRequest.Phase) {
        appendEnd(of: request)
        if let index = requests.firstIndex(where: { $0 === request }) { requests.remove(at: index) }
        settle(request, as: phase)
        endIfLast(unread: request.isUnread)
        resumeReadingIfPossible()
        breakOffIfAlone()
    }

    /// Tidies up after a request that is over for the peer: it is counted, logged, and lets go of what it held.
    @inline(__always)
    private func settle(_ request: LiveRequest, as phase: LiveRequest.Phase) {
        if !isInternal { loop.requestEnded(request) }
        request.move(to: phase)
        if case .orphaned = phase { orphanedHandlers += 1 }
        giveBack(request)
        // A handler that still reads the body or waits to write would wait for ever.
        request.release()
    }

    /// Answers with the failure's status if that is still possible, cancels the handler, and logs the failure.
    func fail(_ request: LiveRequest, _ failure: Failure) {
        switch request.phase {
        case .collecting, .running:
            log(request, failure)
            appendPlainResponse(failure, for: request)
            request.cancel(BodyError(failure.bodyError))
            end(request, as: request.phaseWithoutAnswer)
        case .answering: breakOff(request, failure)
        case .aborted, .brokenOff, .answered, .orphaned, .over: break
        }
    }

    /// Breaks off an answer that cannot be completed.
    func breakOff(_ request: LiveRequest, _ failure: Failure) {
        guard case .answering(let hasLeft) = request.phase else { return }
        guard hasLeft else {
            retract(request)
            return fail(request, failure)
        }
        log(request, failure)
        request.move(to: .brokenOff(isGivenUp: false))
        request.cancel(BodyError(failure.bodyError))
        giveBack(request)
        // Only the connection can be broken off, so the other requests on it get a moment to end.
        if brokenSince == nil { brokenSince = loop.now() }
        breakOffIfAlone()
        resumeReadingIfPossible()
    }

    /// Discards what was written of a response that has not begun to leave.
    private func retract(_ request: LiveRequest) {
        retractContent(of: request)
        request.move(to: .running)
        request.status = 0
        request.declaredLength = nil
        request.writtenLength = 0
    }

    /// The peer has aborted a request.
    func abort(_ id: RequestID) {
        guard let request = request(id) else {
            // Its parameters were still arriving.
            commitContent()
            wire.appendEnd(of: id, to: &encoded)
            endIfLast(unread: true)
            return markDirty()
        }
        request.abort()
        guard request.task != nil else { return end(request, as: .over) }
        // The handler ends first, then the request: a peer cannot start handlers faster than they end.
        request.cancel(BodyError(.aborted))
        giveBack(request)
        resumeReadingIfPossible()
        breakOffIfAlone()
    }

    /// Ends every request without an answer; the handlers are cancelled, and end in their own time.
    func abandonRequests() {
        let ended = requests
        requests = []
        for request in ended {
            if !isClosedByUs { request.abort() }
            request.cancel(BodyError(.aborted))
            settle(request, as: request.phaseWithoutAnswer)
        }
    }

    func log(_ request: LiveRequest, _ failure: Failure) {
        var metadata: Logger.Metadata = ["module": .string(request.handlerName)]
        if let gateway = request.gateway { metadata["hb.request.id"] = .string(gateway.requestID) }
        metadata["request"] = .string(
            "\(request.parameters.shortText(of: "REQUEST_METHOD")) \(request.parameters.shortText(of: "REQUEST_URI"))")
        metadata["status"] = .stringConvertible(failure.status.code)
        loop.logger.log(level: failure.logLevel, "\(failure.reason)", metadata: metadata)
    }
}
