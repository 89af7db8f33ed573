import GatehouseWire
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// Tells the writers that wait apart, on whatever thread they do.
private let writerNumbers = Atomic<UInt64>(0)

/// Responses to bytes.
///
/// Three places, one after the other: `content` collects the head and the small pieces of one response's body, so that
/// they share a record; `encoded` collects the records of all responses; the transport gets them in one write when the
/// handler suspends or ends. Large pieces skip the first two: only their record headers are made here.
extension ConnectionEngine {
    /// From here on a piece is written from where it lies instead of being copied.
    private var largePiece: Int { 16_384 }
    /// What is collected leaves at the latest now, even if the handler never suspends.
    private var fullEnough: Int { 32_768 }

    /// - Returns: whether the response's body is wanted.
    func beginResponse(_ response: Response, of request: LiveRequest) throws -> Bool {
        guard request.response == .awaited else { throw CancellationError() }
        claimContent(for: request)
        let start = content.count
        do {
            request.declaredLength = try ResponseHead.append(response, to: &content)
        } catch {
            content.removeSubrange(start...)
            throw error
        }
        request.response = .begun
        request.status = response.status.code
        loop.recorder?.update(request)
        if response.status.code == 204 || response.status.code == 304 { request.discardsBody = true }
        markDirty()
        guard request.discardsBody else { return true }
        try endResponse(of: request)
        return false
    }

    /// - Returns: whether the peer takes more; where not, the handler waits.
    func write(_ buffer: ByteBuffer, for request: LiveRequest) throws -> Bool {
        switch request.response {
        case .begun: break
        case .awaited, .abandoned: throw CancellationError()
        case .ended: throw ResponseMisuse.afterEnd
        }
        let count = buffer.readableBytes
        if let declared = request.declaredLength, request.writtenLength + count > declared {
            try cut(buffer, to: declared, for: request)
        }
        request.writtenLength += count
        loop.recorder?.update(request)
        claimContent(for: request)
        if count >= largePiece {
            writeLarge(buffer, for: request)
        } else {
            buffer.withUnsafeReadableBytes { content.append(contentsOf: $0) }
            markDirty()
            if content.count >= fullEnough { flushOutput() }
        }
        return transport.isWritable
    }

    /// The handler writes more than it has announced. If nothing has left, nothing does; otherwise the client gets what
    /// was promised, and no byte more.
    private func cut(_ buffer: ByteBuffer, to declared: Int, for request: LiveRequest) throws -> Never {
        let misuse = ResponseMisuse.longerThanDeclared(declared)
        guard request.hasLeft else { throw misuse }
        log(request, Failure(misuse))
        request.isCutToLength = true
        if let promised = buffer.getSlice(at: buffer.readerIndex, length: declared - request.writtenLength) {
            _ = try write(promised, for: request)
        }
        try endResponse(of: request)
        throw misuse
    }

    private func writeLarge(_ buffer: ByteBuffer, for request: LiveRequest) {
        commitContent()
        var pieces: [Int] = []
        var frames: [UInt8] = []
        var frameEnds: [Int] = []
        var rest = buffer.readableBytes
        while rest > 0 {
            let frame = wire.appendFrame(forOutputOf: rest, of: request.id, to: &frames)
            pieces.append(frame.contentLength)
            frameEnds.append(frames.count)
            for _ in 0..<frame.paddingLength { frames.append(0) }
            rest -= frame.contentLength
        }
        // The first frame joins what is waiting; each further one goes with the padding before it.
        encoded.append(contentsOf: frames[..<(frameEnds.first ?? 0)])
        transport.write(ByteBuffer(bytes: encoded))
        encoded.removeAll(keepingCapacity: encoded.capacity <= 65_536)
        let headers = ByteBuffer(bytes: frames)
        var content = buffer
        for (index, length) in pieces.enumerated() {
            if let piece = content.readSlice(length: length) { transport.write(piece) }
            let end = index + 1 < frameEnds.count ? frameEnds[index + 1] : frames.count
            let start = frameEnds[index]
            if end > start, let frame = headers.getSlice(at: start, length: end - start) { transport.write(frame) }
        }
        transport.flush()
    }

    /// The handler has written all. On the loop.
    func endResponse(of request: LiveRequest) throws {
        switch request.response {
        case .begun: break
        case .ended: return
        case .awaited, .abandoned: throw CancellationError()
        }
        if !request.discardsBody, let declared = request.declaredLength, request.writtenLength != declared {
            throw ResponseMisuse.shorterThanDeclared(declared: declared, written: request.writtenLength)
        }
        request.response = .ended
        end(request)
    }

    /// A response without a module: the status, and its words as the body.
    func appendPlainResponse(_ failure: Failure, for request: LiveRequest) {
        claimContent(for: request)
        let text = "\(failure.status.code) \(failure.status.reasonPhrase)\n"
        var headers: HTTPFields = [.contentType: "text/plain; charset=utf-8"]
        if let seconds = failure.retryAfter { headers[.retryAfter] = String(seconds) }
        let response = Response(
            status: failure.status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        // Nothing in it is anybody's data, so it can always be written.
        _ = try? ResponseHead.append(response, to: &content)
        request.status = failure.status.code
        guard request.parameters["REQUEST_METHOD"] != "HEAD" else { return }
        content.append(contentsOf: text.utf8)
        request.writtenLength = text.utf8.count
    }

    /// Ends the request towards the peer and forgets it.
    func end(_ request: LiveRequest) {
        guard let index = requests.firstIndex(where: { $0 === request }) else { return }
        claimContent(for: request)
        commitContent()
        contentOwner = nil
        wire.appendEnd(of: request.id, to: &encoded)
        requests.remove(at: index)
        if !isInternal { loop.requestEnded(request) }
        if request.response == .abandoned, request.gateway != nil, !request.isDone, !request.isOrphaned {
            request.isOrphaned = true
            orphanedHandlers += 1
        }
        forgetUnstarted(request)
        giveBack(request)
        // Whoever still reads the body or waits to write would wait for ever.
        request.release()
        endIfLast(unread: request.isUnread)
        markDirty()
        resumeReadingIfPossible()
        breakOffIfAlone()
    }

    /// Ends the connection with the next flush where no request is left and none may follow.
    /// - Parameter unread: whether the front server still owes us a part of what it has begun.
    func endIfLast(unread: Bool) {
        guard requests.isEmpty, state == .open, isDraining || !Self.acceptsMoreRequests(&wire), !wire.hasUnfinishedHeads
        else { return }
        if loop.handsOver, wire.acceptsMoreRequests { return handOverSoon() }
        state = .ending(unread: unread)
    }

    // Two that every request needs, and that change nothing: by `inout` the wire is used where it lies, while an
    // existential in a property would be copied first.

    private static func acceptsMoreRequests(_ wire: inout some GatewayConnection) -> Bool { wire.acceptsMoreRequests }

    private static func append(
        _ content: [UInt8], of id: RequestID, to output: inout [UInt8], by wire: inout some GatewayConnection
    ) {
        wire.appendOutput(content.span, of: id, to: &output)
    }

    func claimContent(for request: LiveRequest) {
        guard contentOwner !== request else { return }
        commitContent()
        contentOwner = request
    }

    func commitContent() {
        guard let owner = contentOwner, !content.isEmpty else { return }
        owner.hasLeft = true
        // Taken out and put back, because a span must not be of a property that could change under it.
        var taken: [UInt8] = []
        swap(&taken, &content)
        Self.append(taken, of: owner.id, to: &encoded, by: &wire)
        taken.removeAll(keepingCapacity: taken.capacity <= 65_536)
        swap(&taken, &content)
    }

    private func sendEncoded() {
        // Taken out and put back: the transport may fail, and close this connection while it has the bytes.
        var taken: [UInt8] = []
        swap(&taken, &encoded)
        transport.send(taken)
        taken.removeAll(keepingCapacity: taken.capacity <= 65_536)
        if encoded.isEmpty { swap(&taken, &encoded) }
    }

    /// Has everything sent before the loop waits again.
    func markDirty() {
        guard !isDirty else { return }
        isDirty = true
        loop.markDirty(self)
    }

    package func flushOutput() {
        guard isDirty, state != .closed else { return }
        isDirty = false
        commitContent()
        if encoded.isEmpty { transport.flush() } else { sendEncoded() }
        markUnderWay()
        guard case .ending(let unread) = state else { return }
        state = .closing(since: loop.now(), unread: unread)
        if isReadingPaused || isOutputBlocked { transport.resumeReading() }
        transport.closeOutputAfterFlush()
    }

    /// An ordinary answer leaves in one flush with its end, and is never marked.
    private func markUnderWay() {
        let isUnderWay = !requests.isEmpty && requests.contains { $0.hasLeft && $0.response != .ended }
        guard isUnderWay != isMarkedUnderWay else { return }
        isMarkedUnderWay = isUnderWay
        transport.markUnderWay(isUnderWay)
    }

    /// Waits until the peer has taken most of what was written.
    /// - Throws: `CancellationError` where the request has ended meanwhile, or the caller was cancelled.
    func waitUntilWritable(_ request: RequestReference) async throws {
        let number = writerNumbers.wrappingAdd(1, ordering: .relaxed).newValue
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                if loop.poll.isCurrent {
                    wait(continuation, number, request.value)
                } else {
                    loop.poll.execute { [self] in wait(continuation, number, request.value) }
                }
            }
        } onCancel: {
            loop.poll.execute {
                request.value.writers.removeValue(forKey: number)?.resume(throwing: CancellationError())
            }
        }
    }

    private func wait(_ continuation: CheckedContinuation<Void, any Error>, _ number: UInt64, _ request: LiveRequest) {
        if request.isCancelled || request.response == .ended || state == .closed {
            return continuation.resume(throwing: CancellationError())
        }
        if transport.isWritable { return continuation.resume() }
        request.writers[number] = continuation
    }
}
