import GatehouseWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Responses to bytes.
///
/// Three places, one after the other: `content` collects the head and the small pieces of one response's body, so that
/// they share a record; `encoded` collects the records of all responses; the transport gets them in one write when the
/// handler suspends or ends. Large pieces skip the first two: only their record headers are made here.
extension ConnectionEngine {
    /// The smallest piece that is written from where it lies instead of being copied.
    private var largePiece: Int { 16_384 }
    /// Collected bytes are sent when they reach this count, even if the handler never suspends.
    private var fullEnough: Int { 32_768 }

    // MARK: Content

    /// - Returns: the length that the response announces.
    /// - Throws: if the head cannot be sent; nothing of it is written then.
    @inline(__always)
    func appendHead(of response: Response, for request: LiveRequest) throws(ResponseHeadError) -> Int? {
        claimContent(for: request)
        let start = content.count
        do {
            let declared = try ResponseHead.append(response, as: statusLine, to: &content)
            markDirty()
            return declared
        } catch {
            content.removeSubrange(start...)
            throw error
        }
    }

    @inline(__always)
    func append(_ buffer: ByteBuffer, for request: LiveRequest) {
        claimContent(for: request)
        if buffer.readableBytes >= largePiece { return writeLarge(buffer, for: request) }
        buffer.withUnsafeReadableBytes { content.append(contentsOf: $0) }
        markDirty()
        if content.count >= fullEnough { flushOutput() }
    }

    /// Appends a response without a handler: the status, and its words as the body.
    func appendPlainResponse(_ failure: Failure, for request: LiveRequest) {
        claimContent(for: request)
        let text = "\(failure.status.code) \(failure.status.reasonPhrase)\n"
        var headers: HTTPFields = [.contentType: "text/plain; charset=utf-8"]
        if let seconds = failure.retryAfter { headers[.retryAfter] = String(seconds) }
        let response = Response(
            status: failure.status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        // It holds no data of a handler's or a client's, so it can always be written.
        _ = try? ResponseHead.append(response, as: statusLine, to: &content)
        request.status = failure.status.code
        guard request.parameters["REQUEST_METHOD"] != "HEAD" else { return }
        content.append(contentsOf: text.utf8)
        request.writtenLength = text.utf8.count
    }

    /// Ends the request towards the peer.
    @inline(__always)
    func appendEnd(of request: LiveRequest) {
        claimContent(for: request)
        commitContent()
        contentOwner = nil
        wire.appendEnd(of: request.id, to: &encoded)
        markDirty()
    }

    private func claimContent(for request: LiveRequest) {
        guard contentOwner !== request else { return }
        commitContent()
        contentOwner = request
        if content.capacity == 0, encoded.capacity == 0 {
            swap(&content, &loop.spareContent)
            swap(&encoded, &loop.spareEncoded)
        }
    }

    /// Discards the content of a response that has not begun to leave.
    func retractContent(of request: LiveRequest) {
        if contentOwner === request { content.removeAll(keepingCapacity: true) }
    }

    // MARK: Records

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
        // Behind the last piece comes the end, which leaves in the same write.
        if request.writtenLength == request.declaredLength { markDirty() } else { transport.flush() }
    }

    /// Makes records of the content.
    func commitContent() {
        guard let owner = contentOwner, !content.isEmpty else { return }
        owner.noteLeft()
        // Moved out and back, because a span must not point into a property that could change meanwhile.
        var taken: [UInt8] = []
        swap(&taken, &content)
        wire.appendOutput(taken.span, of: owner.id, to: &encoded)
        taken.removeAll(keepingCapacity: taken.capacity <= 65_536)
        swap(&taken, &content)
    }

    // MARK: Writes

    /// Schedules a flush before the loop waits again.
    func markDirty() {
        guard !isDirty else { return }
        isDirty = true
        loop.markDirty(self)
    }

    /// Leaves the arrays of the output to the loop's next connection.
    func leaveBuffers() {
        guard content.isEmpty, encoded.isEmpty, loop.spareContent.capacity == 0 else { return }
        swap(&content, &loop.spareContent)
        swap(&encoded, &loop.spareEncoded)
    }

    package func flushOutput() {
        guard isDirty, state != .closed else { return }
        isDirty = false
        commitContent()
        if encoded.isEmpty { transport.flush() } else { sendEncoded() }
        markUnderWay()
        closeOutputIfEnding()
    }

    private func sendEncoded() {
        // Taken out and put back: the transport may fail, and close this connection while it has the bytes.
        var taken: [UInt8] = []
        swap(&taken, &encoded)
        transport.send(taken)
        taken.removeAll(keepingCapacity: taken.capacity <= 65_536)
        if encoded.isEmpty { swap(&taken, &encoded) }
    }

    /// Tells the transport whether an answer is under way. An ordinary one leaves in one flush with its end, and is
    /// never marked.
    private func markUnderWay() {
        let isUnderWay = !requests.isEmpty && requests.contains { $0.isUnderWay }
        guard isUnderWay != isMarkedUnderWay else { return }
        isMarkedUnderWay = isUnderWay
        transport.markUnderWay(isUnderWay)
    }
}
