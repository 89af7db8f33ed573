import CGatehouseSystem
import GatehouseWire
import Glibc
import NIOCore

/// One connected socket: reads for its engine, see `+Reading`, and is its transport. Confined to its loop's thread.
final class SocketConnection: PollSource, ConnectionTransport {
    let descriptor: Int32
    let loop: LoopContext
    /// The index of its listener; `nil` for a connection that never leaves this worker.
    private let listener: Int?
    private(set) var isOpen = true
    /// The registration with the poll. A connection whose only request comes and is answered at once never has one.
    private var token: PollToken?
    var engine: ConnectionEngine?
    var interest: PollEvents = .readable
    /// Whether the engine wants more to be read. The poll may not be asked meanwhile, in a pause.
    var wantsReading = true
    var isPausing = false
    var pace = ReadPace()

    private var queue = OutputQueue()
    private(set) var isWritable = true
    /// Whether an answer is under way.
    private var isUnderWay = false
    /// Whether the answer is marked to be broken off if the process ends. It is marked only while no record is half
    /// sent.
    private var isMarked = false
    /// The end that is wanted as soon as everything has left.
    private var end: ConnectionEnd?
    var hasEndedOutput = false
    private let isUnixSocket: Bool
    /// Whether the last byte of the peer's request stays in the socket until its answer is complete. Closing a Unix
    /// socket with unread bytes is the only way to reset its peer, and so to break an answer off in a protocol that has
    /// no message for that. TCP sockets are reset in another way, and have to be read: only a reader learns that the
    /// peer has left.
    let holdsBack: Bool
    var isHoldingBack = false
    /// Bytes that the engine has seen and that are still in the socket.
    var seenBytes = 0
    /// Whether closing the socket resets it until its answer has left, even if the process dies: for TCP, in a protocol
    /// that has no message for breaking off.
    private let resetsAtDeath: Bool
    private var wouldReset = false

    /// Writers wait above the first number of bytes, and go on below the second.
    private static let highWater = 65_536
    private static let lowWater = 32_768
    var queuedBytes: Int { queue.byteCount }
    var sentBytes: Int { queue.sentByteCount }

    private init(
        descriptor: Int32, isUnixSocket: Bool, loop: LoopContext, listener: Int?, canSayCut: Bool
    ) {
        self.descriptor = descriptor
        self.loop = loop
        self.listener = listener
        self.isUnixSocket = isUnixSocket
        holdsBack = !canSayCut && isUnixSocket
        resetsAtDeath = !canSayCut && !isUnixSocket
    }

    /// Serves a connected, non-blocking socket, which belongs to the connection from now on. What the peer has sent is
    /// read at once: most front servers connect and send in one go.
    /// - Returns: whether the connection is still open.
    @discardableResult
    static func open(
        _ descriptor: Int32, isUnixSocket: Bool, wire: consuming any GatewayConnection, loop: LoopContext,
        listener: Int? = nil, mounts: MountTable? = nil
    ) -> Bool {
        let connection = SocketConnection(
            descriptor: descriptor, isUnixSocket: isUnixSocket, loop: loop, listener: listener,
            canSayCut: wire.canSayCut)
        // Consumed, because a second owner would have it copied by the first byte.
        let engine = ConnectionEngine(loop: loop, wire: consume wire, transport: connection, mounts: mounts)
        connection.engine = engine
        connection.read()
        guard connection.isOpen else { return false }
        engine.opened()
        connection.register()
        return connection.isOpen
    }

    private func register() {
        token = loop.poll.add(descriptor, self, interest: interest)
        if token == nil { close() }
    }

    // MARK: Calls of the engine

    func write(_ buffer: ByteBuffer) {
        queue.append(buffer)
        if queue.byteCount > Self.highWater { isWritable = false }
    }

    func flush() {
        guard isOpen else { return }
        guard queue.send(to: descriptor) else { return close() }
        setInterest(.writable, !queue.isEmpty)
        updateMark()
        if !isWritable, queue.byteCount < Self.lowWater {
            isWritable = true
            engine?.writabilityChanged()
        }
        if queue.isEmpty { endIfWanted() }
    }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        if isOpen, queue.isEmpty {
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
        let isWanted = isUnderWay && queue.isEmpty && isOpen
        guard isWanted != isMarked else { return }
        isMarked = isWanted
        gatehouse_answer_mark(descriptor, isWanted ? 1 : 0)
    }

    private func endIfWanted() {
        guard let end, !hasEndedOutput else { return }
        hasEndedOutput = true
        // The answer is complete, so its request must leave the socket: it would reset the peer.
        discardSeen()
        isHoldingBack = false
        if wouldReset { setReset(false) }
        // Sent bytes of a Unix socket stay readable when it is closed. Over TCP, a late byte could destroy them.
        if end == .closed, isUnixSocket { return close() }
        shutdown(descriptor, Int32(SHUT_WR))
        if end == .lingering, isUnixSocket { return closeLater() }
        resumeReading()
    }

    /// Ends the connection but for its descriptor.
    private func closeLater() {
        isOpen = false
        updateMark()
        if let token { loop.poll.remove(token) }
        loop.lingering.add(descriptor, now: loop.poll.turnBegan)
        let engine = engine
        self.engine = nil
        engine?.closed()
    }

    func endAfterFlush(_ end: ConnectionEnd) {
        self.end = end
        if queue.isEmpty { endIfWanted() }
    }

    func handOver(through handOver: HandOverSocket) -> Bool {
        guard let listener, queue.isEmpty, handOver.give(descriptor, listener: listener) else {
            return false
        }
        // The socket lives on elsewhere, so the kernel would go on reporting its events to us.
        isOpen = false
        updateMark()
        if let token { loop.poll.remove(token) }
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
        guard isOpen else { return }
        // An answer that has not wholly left must not look whole.
        if !queue.isEmpty { return reset() }
        isOpen = false
        updateMark()
        if let token { loop.poll.forget(token) }
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

    func setInterest(_ event: PollEvents, _ wanted: Bool) {
        guard isOpen, interest.contains(event) != wanted else { return }
        if wanted { interest.insert(event) } else { interest.remove(event) }
        if let token { loop.poll.change(token, interest: interest) }
    }
}
