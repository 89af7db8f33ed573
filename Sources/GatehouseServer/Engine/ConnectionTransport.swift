package import NIOCore

/// The end of a connection after its last answer: it depends on what the peer may still send.
package enum ConnectionEnd: Equatable, Sendable {
    /// The rest of what it has begun: our side ends, and what comes is read until the peer closes.
    case halfClosed
    /// At most a record that means nothing: our side ends, and nobody reads that.
    case lingering
    /// Nothing.
    case closed
}

/// The socket under an engine. Everything is called on the connection's event loop, nothing suspends.
package protocol ConnectionTransport: AnyObject, SendableMetatype {
    /// Queues bytes; nothing leaves before `flush`.
    func write(_ buffer: ByteBuffer)
    func flush()
    /// Writes and flushes a few bytes, without copying those that can leave at once.
    func send(_ bytes: [UInt8])

    /// Ends the connection when everything that was written has left.
    func endAfterFlush(_ end: ConnectionEnd)
    /// Gives the connection to another worker and closes this side's descriptor, unnoticed by the peer.
    /// - Returns: whether the connection is gone; if not, nothing has changed.
    func handOver(through handOver: HandOverSocket) -> Bool
    /// Closes now, even if bytes are queued.
    func close()
    /// Closes now with a reset: the peer's next read fails instead of finding the regular end.
    func reset()

    /// Sets whether an answer is under way: a part of it has left, its end has not. If the process ends meanwhile, the
    /// transport breaks the answer off.
    func markUnderWay(_ isUnderWay: Bool)

    func pauseReading()
    func resumeReading()

    /// Whether the peer takes bytes as fast as they are written; `false` asks writers to wait.
    var isWritable: Bool { get }
    /// Bytes that were written and have not left yet.
    var queuedBytes: Int { get }
    /// Bytes that have left since the beginning.
    var sentBytes: Int { get }
}
