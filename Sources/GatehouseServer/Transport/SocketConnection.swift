import CGatehouseSystem
import GatehouseWire
import Glibc
import NIOCore

/// One connected socket: reads for its engine, and is its transport. Confined to its loop's thread.
final class SocketConnection: PollSource, ConnectionTransport {
    private let descriptor: Int32
    private let loop: LoopContext
    /// The listener that it came from, by its index; `nil` for a connection that never leaves this worker.
    private let listener: Int?
    private var token: PollToken?
    private var engine: ConnectionEngine?
    private var interest: PollEvents = .readable

    private var queue = CircularBuffer<ByteBuffer>()
    private(set) var queuedBytes = 0
    private(set) var sentBytes = 0
    private(set) var isWritable = true
    /// Whether an answer is under way, and whether that is noted for the case that the process ends: it is while no
    /// record is half sent.
    private var isUnderWay = false
    private var isMarked = false
    /// Whether our side ends when everything has left, and whether it has.
    private var endsOutput = false
    private var hasEndedOutput = false
    /// Whether the last byte of the peer's request is to stay in the socket until its answer is complete, and whether
    /// it does. A Unix socket that is closed with unread bytes resets its peer, and nothing else does: it is how an
    /// answer is broken off by a protocol that has no other way to say so. TCP has one, and must be read from: it tells
    /// of a peer that has left only to who reads.
    private let holdsBack: Bool
    private var isHoldingBack = false
    /// Whether the end of the socket is to be a reset, as long as an answer has not left, even if the process dies; and
    /// whether it would be. For TCP, where the protocol has no other way to say so.
    private let resetsAtDeath: Bool
    private var wouldReset = false

    /// Above the first, writers wait; below the second, they go on.
    private static let highWater = 65_536
    private static let lowWater = 32_768
    /// As many pieces as one system call takes in; the kernel's limit is 1,024.
    private static let piecesAtATime = 64
    /// A read that fills the buffer is followed by another, but other connections wait.
    private static let readsAtATime = 4

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

    // MARK: What the loop says

    func ready(for events: PollEvents) {
        if events.contains(.writable) { flush() }
        // Both sides have ended: there is nothing to be read that anyone would want.
        if hasEndedOutput, events.contains(.gone) { return close() }
        if interest.contains(.readable), !events.isDisjoint(with: [.readable, .gone]) {
            read()
        } else if events.contains(.gone) {
            // Nobody is there to send or to receive; what has not been read is of no use to anyone.
            close()
        }
    }

    private func read() {
        for _ in 0..<Self.readsAtATime {
            guard token != nil, interest.contains(.readable) else { return }
            if holdsBack, !hasEndedOutput, let engine, engine.bodyBytesLeft <= loop.readBuffer.capacity {
                return readHoldingBack(engine)
            }
            let (count, code) = fillBuffer(peeking: false)
            guard count > 0 else { return ended(code) }
            engine?.received(loop.readBuffer)
            if loop.readBuffer.writableBytes > 0 { break }
        }
        engine?.receivedAll()
    }

    /// Puts into the loop's buffer what the socket has, up to the buffer's size.
    /// - Parameter peeking: whether it stays in the socket, too.
    /// - Returns: how many bytes; and, if there are none, why: 0 at the peer's end.
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

    /// Looks at what is there before it takes it, so that the request's last byte can stay.
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

    /// Takes bytes that have been looked at.
    private func discard(_ count: Int) {
        guard count > 0 else { return }
        loop.readBuffer.clear()
        loop.readBuffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
            max(0, gatehouse_receive(descriptor, bytes.baseAddress, count))
        }
    }

    /// The last read gave nothing.
    private func ended(_ code: Int32) {
        engine?.receivedAll()
        if code == EAGAIN || code == EINTR { return }
        close()
    }

    // MARK: What the engine asks

    func write(_ buffer: ByteBuffer) {
        queue.append(buffer)
        queuedBytes += buffer.readableBytes
        if queuedBytes > Self.highWater { isWritable = false }
    }

    func flush() {
        guard token != nil else { return }
        while !queue.isEmpty {
            let sent = sendOnce()
            if sent < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN { break }
                return close()
            }
            drop(sent)
        }
        setInterest(.writable, !queue.isEmpty)
        updateMark()
        if !isWritable, queuedBytes < Self.lowWater {
            isWritable = true
            engine?.writabilityChanged()
        }
        if queue.isEmpty, endsOutput { endOutput() }
    }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        if token != nil, queue.isEmpty {
            // What cannot be sent is queued, and then the flush sees why.
            sent = max(0, bytes.withUnsafeBytes { gatehouse_send_bytes(descriptor, $0.baseAddress, $0.count) })
            sentBytes += sent
        }
        if sent < bytes.count { write(ByteBuffer(bytes: bytes[sent...])) }
        flush()
    }

    private func sendOnce() -> Int {
        withUnsafeTemporaryAllocation(of: iovec.self, capacity: Self.piecesAtATime) { pieces in
            var count = 0
            for buffer in queue.prefix(Self.piecesAtATime) {
                // The queue keeps the buffers, and with them their memory, alive until after the call.
                buffer.withUnsafeReadableBytes { bytes in
                    pieces[count] = iovec(
                        iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
                }
                count += 1
            }
            return gatehouse_send(descriptor, pieces.baseAddress, Int32(count))
        }
    }

    private func drop(_ sent: Int) {
        queuedBytes -= sent
        sentBytes += sent
        var rest = sent
        while let length = queue.first?.readableBytes, length <= rest {
            queue.removeFirst()
            rest -= length
        }
        if rest > 0 { queue[queue.startIndex].moveReaderIndex(forwardBy: rest) }
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
        // The answer is complete, so its request's last byte must not stay any longer: a peer that has ended its side
        // already would be reset.
        if isHoldingBack {
            var last: UInt8 = 0
            _ = gatehouse_receive(descriptor, &last, 1)
            isHoldingBack = false
        }
        if wouldReset { setReset(false) }
        shutdown(descriptor, Int32(SHUT_WR))
        setInterest(.readable, true)
    }

    func closeOutputAfterFlush() {
        endsOutput = true
        if queue.isEmpty { endOutput() }
    }

    func handOver(through handOver: HandOverSocket) -> Bool {
        guard let token, let listener, queue.isEmpty, handOver.give(descriptor, listener: listener) else {
            return false
        }
        // The socket lives on elsewhere, so the kernel would go on telling us of it.
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
        // This much is for TCP; what a Unix socket needs has been held back.
        setReset(true)
        queue.removeAll()
        queuedBytes = 0
        close()
    }

    func close() {
        guard let token else { return }
        // An answer of which a part has not left must not look whole.
        if !queue.isEmpty { return reset() }
        self.token = nil
        updateMark()
        loop.poll.forget(token)
        Glibc.close(descriptor)
        let engine = engine
        self.engine = nil
        engine?.closed()
    }

    func pauseReading() { setInterest(.readable, false) }
    func resumeReading() { if !isHoldingBack { setInterest(.readable, true) } }

    private func setInterest(_ event: PollEvents, _ wanted: Bool) {
        guard let token, interest.contains(event) != wanted else { return }
        if wanted { interest.insert(event) } else { interest.remove(event) }
        loop.poll.change(token, interest: interest)
    }
}
