import CGatehouseSystem
import Glibc
import NIOCore

/// Reading: called by the loop, it hands what has come to the engine.
extension SocketConnection {
    /// The most reads in a row, each of which filled the buffer; then other connections have their turn.
    private static var readsAtATime: Int { 4 }

    func ready(for events: PollEvents) {
        if events.contains(.writable) { flush() }
        // Both sides have ended: nothing that can still be read is wanted.
        if hasEndedOutput, events.contains(.gone) { return close() }
        let reads = interest.contains(.readable) || isPausing && wantsReading && !isHoldingBack
        if reads, !events.isDisjoint(with: [.readable, .gone]) {
            read()
        } else if events.contains(.gone) {
            // The peer can neither send nor receive any more; unread bytes are of no use.
            close()
        }
    }

    func read(afterPause: Bool = false) {
        var taken = 0
        for _ in 0..<Self.readsAtATime {
            // Bytes that have been read by then are answered all the same.
            guard isOpen, wantsReading else { break }
            if holdsBack, !hasEndedOutput, let engine, engine.bodyBytesLeft <= loop.readBuffer.capacity {
                return readHoldingBack(engine)
            }
            let (count, code) = fillBuffer(peeking: false)
            guard count > 0 else { return ended(code) }
            taken += count
            engine?.received(loop.readBuffer)
            if loop.readBuffer.writableBytes > 0 { break }
        }
        engine?.receivedAll()
        if !isPausing { pause(after: taken, again: afterPause) }
    }

    /// Reads no more for a moment, if a large body comes fast: see ``ReadPauses``.
    private func pause(after count: Int, again: Bool) {
        guard isOpen, wantsReading, let engine, engine.receivesLargeBody,
            pace.isFast(count, afterPause: again, now: loop.now()), loop.pauses.begin(self, on: loop.poll)
        else { return }
        isPausing = true
        setInterest(.readable, false)
    }

    /// Looks again after a pause.
    func endPause() {
        isPausing = false
        // A byte that is held back has been seen, and would be seen again.
        guard isOpen, wantsReading, !isHoldingBack else { return }
        read(afterPause: true)
        if !isPausing { setInterest(.readable, wantsReading && !isHoldingBack) }
    }

    /// Fills the loop's buffer with the socket's bytes, up to the buffer's size.
    /// - Parameter peeking: whether the bytes also stay in the socket.
    /// - Returns: the count of bytes and, if there are none, the error's number, which is 0 at the peer's end.
    @inline(__always)
    private func fillBuffer(peeking: Bool) -> (count: Int, code: Int32) {
        loop.readBuffer.clear()
        var code: Int32 = 0
        let capacity = loop.readBuffer.writableBytes
        let count = loop.readBuffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { bytes in
            let count =
                peeking
                ? gatehouse_peek(descriptor, bytes.baseAddress, bytes.count)
                : gatehouse_receive(descriptor, bytes.baseAddress, bytes.count)
            if count < 0 { code = errno }
            return max(0, count)
        }
        return (count, code)
    }

    /// Looks at the socket's bytes before it takes them, so that the request's last byte can stay.
    private func readHoldingBack(_ engine: ConnectionEngine) {
        let (count, code) = fillBuffer(peeking: true)
        guard count > 0 else { return ended(code) }
        seenBytes = count
        engine.received(loop.readBuffer)
        engine.receivedAll()
        guard isOpen else { return }
        isHoldingBack = engine.hasWholeRequest && !hasEndedOutput
        discardSeen(but: isHoldingBack ? 1 : 0)
        if isHoldingBack { setInterest(.readable, false) }
    }

    /// Takes the bytes out of the socket that the engine has seen.
    /// - Parameter left: the number of those that stay.
    func discardSeen(but left: Int = 0) {
        let count = seenBytes - left
        guard count > 0 else { return }
        seenBytes = left
        withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { bytes in
            _ = gatehouse_receive(descriptor, bytes.baseAddress, count)
        }
    }

    /// Handles a read that gave nothing.
    private func ended(_ code: Int32) {
        engine?.receivedAll()
        if code == EAGAIN || code == EINTR { return }
        close()
    }
}
