import GatehouseWire
import NIOCore

/// Bodies on their way to handlers, and how much of them may wait.
extension ConnectionEngine {
    func makeStream(for request: LiveRequest) -> BodyStream {
        let reference = WeakRequest(value: request)
        return BodyStream(loop: loop.poll) { [weak self] count in
            if let request = reference.value { self?.handlerTook(count, of: request) }
        }
    }

    /// Breaks the cycle of references between a stream and its request.
    private struct WeakRequest: @unchecked Sendable {
        weak var value: LiveRequest?
    }

    func takeBody(_ id: RequestID, _ chunk: ByteBuffer, now: Int64) {
        guard let request = request(id) else { return }
        request.lastBodyActivity = now
        request.bodyCount += chunk.readableBytes
        if request.bodyCount > limits.bodyBytes { return fail(request, Failure(BodyError(.tooLarge))) }
        if case .collecting = request.body { return collect(chunk, for: request) }
        loop.recorder?.update(request)
        if let announced = request.announcedLength, request.bodyCount > announced {
            return fail(request, Failure(BodyError(.longerThanAnnounced)))
        }
        push(chunk, to: request.body, of: request, now: now)
    }

    private var largeBody: Int { 262_144 }
    private var oneRead: Int { 65_536 }

    /// Whether a large body arrives, of the only request, and more than a read of it is still to come: for a transport
    /// that reads it in fewer, larger reads.
    var receivesLargeBody: Bool {
        guard requests.count == 1, case .streaming = requests[0].body else { return false }
        let request = requests[0]
        return request.bodyCount >= largeBody && (request.announcedLength ?? .max) - request.bodyCount > oneRead
    }

    func takeData(_ id: RequestID, _ chunk: ByteBuffer, now: Int64) {
        guard let request = request(id) else { return }
        request.lastBodyActivity = now
        push(chunk, to: request.data, of: request, now: now)
    }

    private func push(_ chunk: ByteBuffer, to body: LiveRequest.Body, of request: LiveRequest, now: Int64) {
        guard case .streaming(let stream) = body, stream.push(chunk) else { return }
        keep(chunk.readableBytes, for: request, now: now)
    }

    func endBody(_ id: RequestID, now: Int64) {
        guard let request = request(id) else { return }
        request.lastBodyActivity = now
        if case .collecting(let collected) = request.body {
            // In the Filter role the file follows; in other roles nothing does.
            request.endBody()
            return start(request, with: collected)
        }
        let isShort = request.announcedLength.map { request.bodyCount < $0 } ?? false
        request.endBody(isShort ? BodyError(.shorterThanAnnounced) : nil)
    }

    private func collect(_ chunk: ByteBuffer, for request: LiveRequest) {
        if request.collect(chunk) > limits.bufferedBytesPerRequest { startStreaming(request) }
    }

    /// Starts the requests of the current chunk whose bodies continue beyond it.
    func startCollecting() {
        guard !requests.isEmpty else { return }
        // Each start can end its request, and even the connection with all its requests.
        for request in requests where request.phase == .collecting { startStreaming(request) }
    }

    private func startStreaming(_ request: LiveRequest) {
        if case .collecting(let collected) = request.body { start(request, with: collected) }
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

    private func handlerTook(_ count: Int, of request: LiveRequest) {
        // A request that is over, or soon will be, has given back what it held.
        guard request.isHandled else { return }
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
