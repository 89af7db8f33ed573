import GatehouseWire
import HTTPTypes
import Logging

/// Requests that fail, and answers that cannot be completed.
///
/// Of an answer of which nothing has left, nothing leaves: the client gets the failure's status instead. Any other is
/// broken off so that no front server takes what has come for the whole. A plain end of the connection will not do:
/// nginx, as it comes, takes it for the answer's regular end. `SUPPORTED.md` has the table of what each makes of it.
extension ConnectionEngine {
    /// Answers with the failure's status if that is still possible, cancels the handler, and says so in the log.
    func fail(_ request: LiveRequest, _ failure: Failure) {
        switch request.response {
        case .awaited:
            log(request, failure)
            appendPlainResponse(failure, for: request)
            request.response = .abandoned
            request.cancel(BodyError(failure.bodyError))
            end(request)
        case .begun: breakOff(request, failure)
        case .ended, .abandoned: break
        }
    }

    /// The response cannot be completed.
    func breakOff(_ request: LiveRequest, _ failure: Failure) {
        guard request.response == .begun else { return }
        if !request.hasLeft {
            retract(request)
            return fail(request, failure)
        }
        log(request, failure)
        request.response = .abandoned
        request.isBrokenOff = true
        request.cancel(BodyError(failure.bodyError))
        giveBack(request)
        // Only the connection can be broken off, so the other requests on it get a moment to end.
        if brokenSince == nil { brokenSince = loop.now() }
        breakOffIfAlone()
        resumeReadingIfPossible()
    }

    /// Takes back what has been written of a response of which nothing has left.
    private func retract(_ request: LiveRequest) {
        if contentOwner === request { content.removeAll(keepingCapacity: true) }
        request.response = .awaited
        request.status = 0
        request.declaredLength = nil
        request.writtenLength = 0
    }

    /// Breaks the connection off if nothing is alive on it but answers that are broken off.
    func breakOffIfAlone() {
        guard brokenSince != nil, state == .open else { return }
        if !requests.contains(where: { $0.isBrokenOff }) {
            // The front server has given them up.
            brokenSince = nil
        } else if requests.allSatisfy({ $0.isBrokenOff }) {
            breakOff()
        }
    }

    /// Ends the connection, and all that is alive on it without an answer.
    func breakOff() {
        guard state == .open else { return close() }
        let isCut = requests.contains { $0.isBrokenOff || $0.response == .begun && $0.hasLeft }
        if let owner = contentOwner, !owner.hasLeft, owner.response == .begun { content.removeAll() }
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

    func log(_ request: LiveRequest, _ failure: Failure) {
        var metadata: Logger.Metadata = ["module": .string(request.handlerName)]
        if let gateway = request.gateway { metadata["hb.request.id"] = .string(gateway.requestID) }
        metadata["request"] = .string(
            "\(request.parameters.shortText(of: "REQUEST_METHOD")) \(request.parameters.shortText(of: "REQUEST_URI"))")
        metadata["status"] = .stringConvertible(failure.status.code)
        loop.logger.log(level: failure.logLevel, "\(failure.reason)", metadata: metadata)
    }
}
