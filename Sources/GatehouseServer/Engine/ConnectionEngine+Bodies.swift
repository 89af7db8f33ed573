import GatehouseWire
import NIOCore

/// Bodies on their way to handlers, and what they may take up meanwhile.
extension ConnectionEngine {
    func makeStream(for request: LiveRequest) -> BodyStream {
        let reference = WeakRequest(value: request)
        return BodyStream(loop: loop.poll) { [weak self] count in
            if let request = reference.value { self?.handlerTook(count, of: request) }
        }
    }

    /// A request has its streams, and so has what its handler was given: they must not hold it in turn.
    private struct WeakRequest: @unchecked Sendable {
        weak var value: LiveRequest?
    }

    func takeBody(_ id: RequestID, _ chunk: ByteBuffer, now: Int64) {
        guard let request = request(id) else { return }
        request.lastBodyActivity = now
        request.bodyCount += chunk.readableBytes
        if request.bodyCount > limits.bodyBytes { return fail(request, Failure(BodyError(.tooLarge))) }
        guard request.hasStarted else { return collect(chunk, for: request) }
        loop.recorder?.update(request)
        if let announced = request.announcedLength, request.bodyCount > announced {
            return fail(request, Failure(BodyError(.longerThanAnnounced)))
        }
        if request.response == .abandoned || request.response == .ended { return }
        if let body = request.body, body.push(chunk) { keep(chunk.readableBytes, for: request, now: now) }
    }

    func collect(_ chunk: ByteBuffer, for request: LiveRequest) {
        if request.collected.readableBytes == 0 {
            request.collected = chunk
        } else {
            request.collected.writeImmutableBuffer(chunk)
        }
        if request.collected.readableBytes > limits.bufferedBytesPerRequest {
            forgetUnstarted(request)
            start(request)
        }
    }

    func endBody(_ id: RequestID, now: Int64) {
        guard let request = request(id) else { return }
        request.bodyEnded = true
        request.lastBodyActivity = now
        if !request.hasStarted {
            // A filter's data follows; everybody else has all there will be.
            forgetUnstarted(request)
            return start(request)
        }
        if let announced = request.announcedLength, request.bodyCount < announced {
            request.body?.finish(BodyError(.shorterThanAnnounced))
        } else {
            request.body?.finish()
        }
    }

    func takeData(_ id: RequestID, _ chunk: ByteBuffer, now: Int64) {
        guard let request = request(id), let data = request.data else { return }
        request.lastBodyActivity = now
        if data.push(chunk) { keep(chunk.readableBytes, for: request, now: now) }
    }

    // MARK: Budgets

    func keep(_ count: Int, for request: LiveRequest, now: Int64) {
        request.buffered += count
        buffered += count
        if request.buffered > limits.bufferedBytesPerRequest, request.stalledSince == nil { request.stalledSince = now }
        guard !isReadingPaused else { return }
        guard request.stalledSince != nil || buffered > limits.bufferedBytesPerConnection else { return }
        isReadingPaused = true
        setReading()
    }

    func handlerTook(_ count: Int, of request: LiveRequest) {
        // What a request that is over still held was given back when it ended.
        guard request.response != .abandoned, requests.contains(where: { $0 === request }) else { return }
        request.buffered -= count
        if request.buffered <= limits.bufferedBytesPerRequest / 2 { request.stalledSince = nil }
        buffered -= count
        resumeReadingIfPossible()
    }

    /// Takes a request's body off the budgets.
    func giveBack(_ request: LiveRequest) {
        buffered -= request.buffered
        request.buffered = 0
        request.stalledSince = nil
    }

    func setReading() {
        if isReadingPaused || isOutputBlocked { return transport.pauseReading() }
        let now = loop.now()
        for request in requests { request.lastBodyActivity = now }
        transport.resumeReading()
    }

    func resumeReadingIfPossible() {
        guard isReadingPaused, state == .open, buffered <= limits.bufferedBytesPerConnection / 2,
            !requests.contains(where: { $0.stalledSince != nil })
        else { return }
        isReadingPaused = false
        setReading()
    }
}
