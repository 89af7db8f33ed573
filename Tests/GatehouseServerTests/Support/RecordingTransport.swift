import GatehouseServer
import NIOCore

/// A transport that keeps what it is given. Confined to the engine's event loop.
final class RecordingTransport: ConnectionTransport, @unchecked Sendable {
    enum Closing: Equatable {
        case outputAfterFlush, lingering, afterFlush, atOnce, reset
    }

    private var queued: [UInt8] = []
    /// The bytes that have left, in one piece.
    private(set) var sent: [UInt8] = []
    /// The count of bytes of each flush that had some.
    private(set) var flushes: [Int] = []
    private(set) var closing: Closing?
    private(set) var isReadingPaused = false
    /// The number of times that it went to another worker, which should be one.
    private(set) var handOvers = 0
    /// Set to play a hand-over socket that takes nothing.
    var refusesHandOver = false
    /// Set to `false` to play a peer that takes nothing.
    var isWritable = true
    var queuedBytes = 0
    var sentBytes = 0

    private var waiters: [(condition: (RecordingTransport) -> Bool, then: () -> Void)] = []

    func write(_ buffer: ByteBuffer) {
        queued.append(contentsOf: buffer.readableBytesView)
    }

    func flush() {
        guard !queued.isEmpty else { return }
        flushes.append(queued.count)
        sent += queued
        queued = []
        wake()
    }

    func send(_ bytes: [UInt8]) {
        queued += bytes
        flush()
    }

    func endAfterFlush(_ end: ConnectionEnd) {
        switch end {
        case .halfClosed: close(.outputAfterFlush)
        case .lingering: close(.lingering)
        case .closed: close(.afterFlush)
        }
    }
    func close() { close(.atOnce) }
    func reset() { close(.reset) }

    private func close(_ how: Closing) {
        closing = how
        wake()
    }

    func handOver(through handOver: HandOverSocket) -> Bool {
        guard !refusesHandOver else { return false }
        handOvers += 1
        wake()
        return true
    }

    /// Every change of the mark that says that an answer is under way.
    private(set) var marks: [Bool] = []
    func markUnderWay(_ isUnderWay: Bool) { marks.append(isUnderWay) }

    func pauseReading() {
        isReadingPaused = true
        wake()
    }

    func resumeReading() {
        isReadingPaused = false
        wake()
    }

    func takeSent() -> [UInt8] {
        defer { sent = [] }
        return sent
    }

    /// Calls `then` as soon as the transport is as `condition` says.
    func when(_ condition: @escaping (RecordingTransport) -> Bool, then: @escaping () -> Void) {
        waiters.append((condition, then))
        wake()
    }

    private func wake() {
        let ready = waiters.filter { $0.condition(self) }
        waiters.removeAll { $0.condition(self) }
        for waiter in ready { waiter.then() }
    }
}
