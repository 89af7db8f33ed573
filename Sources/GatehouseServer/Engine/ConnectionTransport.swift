package import NIOCore

/// What the engine asks of the socket under it. Everything is called on the connection's event loop, nothing suspends.
package protocol ConnectionTransport: AnyObject, SendableMetatype {
    /// Queues bytes; nothing leaves before `flush`.
    func write(_ buffer: ByteBuffer)
    func flush()
    /// What `write` and `flush` do, for a few bytes: those that can leave at once need not be copied.
    func send(_ bytes: [UInt8])

    /// Tells the peer that no more will come, and goes on reading, when everything that was written has left.
    func closeOutputAfterFlush()
    /// Gives the connection to another worker and closes this side's descriptor, without the peer's noticing.
    /// - Returns: whether the connection is gone; where not, nothing has changed.
    func handOver(through handOver: HandOverSocket) -> Bool
    /// Closes now, whatever is still queued.
    func close()
    /// Closes now, and so that the peer's next read fails instead of finding the regular end.
    func reset()

    /// Says whether an answer has begun to leave that has not ended: if the process ends under it, the transport breaks
    /// it off.
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

extension ConnectionTransport {
    package func send(_ bytes: [UInt8]) {
        write(ByteBuffer(bytes: bytes))
        flush()
    }
}
