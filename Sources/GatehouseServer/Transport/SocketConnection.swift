import CGatehouseSystem
import GatehouseWire
import Glibc
import NIOCore

/// One connected socket: reads for its engine, and is its transport. Confined to its loop's thread.
final class SocketConnection: PollSource, ConnectionTransport {
    private let descriptor: Int32
    private let loop: LoopContext
    /// The index of its listener; `nil` for a connection that never leaves this worker.
    private let listener: Int?
    private var token: PollToken?
    private var engine: ConnectionEngine?
    private var interest: PollEvents = .readable
    /// Whether the engine wants more to be read. The poll may not be asked meanwhile, in a pause.
    private var wantsReading = true
    private var isPausing = false
    private var pace = ReadPace()

    private var queue = OutputQueue()
    private(set) var isWritable = true
    /// Whether an answer is under way.
    private var isUnderWay = false
    /// Whether the answer is marked to be broken off if the process ends. It is marked only while no record is half
    /// sent.
    private var isMarked = false
    /// Whether our side ends when everything has left.
    private var endsOutput = false
    private var hasEndedOutput = false
    /// Whether the last byte of the peer's request stays in the socket until its answer is complete. Closing a Unix
    /// socket with unread bytes is the only way to reset its peer, and so to break an answer off in a protocol that has
    /// no message for that. TCP sockets are reset in another way, and have to be read: only a reader learns that the
    /// peer has left.
    private let holdsBack: Bool
    private var isHoldingBack = false
    /// Whether closing the socket resets it until its answer has left, even if the process dies: for TCP, in a protocol
    /// that has no message for breaking off.
    private let resetsAtDeath: Bool
    private var wouldReset = false

    /// Writers wait above the first number of bytes, and go on below the second.
    private static let highWater = 65_536
    private static let lowWater = 32_768
    /// The most reads in a row, each of which filled the buffer; then other connections have their turn.
    private static let readsAtATime = 4

    var queuedBytes: Int { queue.byteCount }
    var sentBytes: Int { queue.sentByteCount }

    private init(descriptor: Int32, loop: LoopContext, listener: Int?, canSayCut: Bool) {
        self.descriptor = descriptor
        self.loop = loop
        self.listener = listener
        holdsBack = !canSayCut && Self.isUnixSocket(descriptor)
        resetsAtDeath = !canSayCut && !holdsBack
    }

    /// Serves a connected, non-blocking socket, which belongs to the connection from now on.
    static func open(
        _ descriptor: Int32, wire: any GatewayConnection, loop: LoopContext, listener: Int? = nil,
        mounts: MountTable? = nil
    ) {
        let connection = SocketConnection(
            descriptor: descriptor, loop: loop, listener: listener, canSayCut: wire.canSayCut)
        guard let token = loop.poll.add(descriptor, connection, interest: .readable) else {
            Glibc.close(descriptor)
            return
        }
        connection.token = token
        let engine = ConnectionEngine(loop: loop, wire: wire, transport: connection, mounts: mounts)
        connection.engine = engine
        engine.opened()
    }

    private static func isUnixSocket(_ descriptor: Int32) -> Bool {
        var domain: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_UNIX
    }

    // MARK: Calls of the loop

    func ready(for events: PollEvents) {
        if events.contains(.writable) { flush() }
        // Both sides have ended: nothing that can still be read is wanted.
        if hasEndedOutput, events.contains(.gone) { return close() }
        if interest.contains(.readable) || isPausing && wantsReading, !events.isDisjoint(with: [.readable, .gone]) {
            read()
        } else if events.contains(.gone) {
            // The peer can neither send nor receive any more; unread bytes are of no use.
            close()
        }
    }

    private func read(afterPause: Bool = false) {
        var taken = 0
        for _ in 0..<Self.readsAtATime {
            // Bytes that have been read by then are answered all the same.
            guard token != nil, wantsReading else { break }
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
        guard token != nil, wantsReading, let engine, engine.receivesLargeBody,
            pace.isFast(count, afterPause: again, now: loop.now()), loop.pauses.begin(self, on: loop.poll)
        else { return }
        isPausing = true
        setInterest(.readable, false)
    }

    /// Looks again after a pause.
    func endPause() {
        isPausing = false
        guard token != nil, wantsReading else { return }
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
        engine.received(loop.readBuffer)
        engine.receivedAll()
        guard token != nil else { return }
        isHoldingBack = engine.hasWholeRequest && !hasEndedOutput
        discard(isHoldingBack ? count - 1 : count)
        if isHoldingBack { setInterest(.readable, false) }
    }

    /// Takes bytes that have been looked at out of the socket.
    private func discard(_ count: Int) {
        guard count > 0 else { return }
        loop.readBuffer.clear()
        loop.readBuffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
            max(0, gatehouse_receive(descriptor, bytes.baseAddress, count))
        }
    }

    /// Handles a read that gave nothing.
    private func ended(_ code: Int32) {
        engine?.receivedAll()
        if code == EAGAIN || code == EINTR { return }
        close()
    }

    // MARK: Calls of the engine

    func write(_ buffer: ByteBuffer) {
        queue.append(buffer)
        if queue.byteCount > Self.highWater { isWritable = false }
    }

    func flush() {
        guard token != nil else { return }
        guard queue.send(to: descriptor) else { return close() }
        setInterest(.writable, !queue.isEmpty)
        updateMark()
        if !isWritable, queue.byteCount < Self.lowWater {
            isWritable = true
            engine?.writabilityChanged()
        }
        if queue.isEmpty, endsOutput { endOutput() }
    }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        if token != nil, queue.isEmpty {
            // Bytes that cannot be sent are queued, and then the flush finds out why.
            sent = max(0, bytes.withUnsafeBytes { gatehouse_send_bytes(descriptor, $0.baseAddress, $0.count) })
            queue.sentByteCount += sent
        }
        if sent < bytes.count { write(ByteBuffer(bytes: bytes[sent...])) }
        flush()
    }

    func markUnderWay(_ isUnderWay: Bool) {
        self.isUnderWay = isUnderWay
        updateMark()
    }

    private func updateMark() {
        if holdsBack { return }
        if resetsAtDeath {
            if !wouldReset, isUnderWay || !queue.isEmpty, !hasEndedOutput { setReset(true) }
            return
        }
        let isWanted = isUnderWay && queue.isEmpty && token != nil
        guard isWanted != isMarked else { return }
        isMarked = isWanted
        gatehouse_answer_mark(descriptor, isWanted ? 1 : 0)
    }

    private func endOutput() {
        guard !hasEndedOutput else { return }
        hasEndedOutput = true
        // The answer is complete, so its request's last byte must leave the socket: it would reset a peer that has
        // already ended its side.
        if isHoldingBack {
            var last: UInt8 = 0
            _ = gatehouse_receive(descriptor, &last, 1)
            isHoldingBack = false
        }
        if wouldReset { setReset(false) }
        shutdown(descriptor, Int32(SHUT_WR))
        resumeReading()
    }

    func closeOutputAfterFlush() {
        endsOutput = true
        if queue.isEmpty { endOutput() }
    }

    func handOver(through handOver: HandOverSocket) -> Bool {
        guard let token, let listener, queue.isEmpty, handOver.give(descriptor, listener: listener) else {
            return false
        }
        // The socket lives on elsewhere, so the kernel would go on reporting its events to us.
        self.token = nil
        updateMark()
        loop.poll.remove(token)
        Glibc.close(descriptor)
        engine = nil
        return true
    }

    private func setReset(_ isWanted: Bool) {
        wouldReset = isWanted
        var option = linger(l_onoff: isWanted ? 1 : 0, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    func reset() {
        // The option is for TCP; a Unix socket is reset by the byte that was held back.
        setReset(true)
        queue.removeAll()
        close()
    }

    func close() {
        guard let token else { return }
        // An answer that has not wholly left must not look whole.
        if !queue.isEmpty { return reset() }
        self.token = nil
        updateMark()
        loop.poll.forget(token)
        Glibc.close(descriptor)
        let engine = engine
        self.engine = nil
        engine?.closed()
    }

    func pauseReading() {
        wantsReading = false
        setInterest(.readable, false)
    }

    func resumeReading() {
        wantsReading = true
        if !isHoldingBack, !isPausing { setInterest(.readable, true) }
    }

    private func setInterest(_ event: PollEvents, _ wanted: Bool) {
        guard let token, interest.contains(event) != wanted else { return }
        if wanted { interest.insert(event) } else { interest.remove(event) }
        loop.poll.change(token, interest: interest)
    }
}
