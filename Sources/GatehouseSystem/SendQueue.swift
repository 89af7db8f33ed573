internal import Glibc

/// Bytes on their way to a connected socket whose reader may be slow. Nothing here waits for the reader.
public struct SendQueue: Sendable {
    private var unsent: [UInt8] = []
    private let capacity: Int

    /// - Parameter capacity: the most bytes that may wait for the reader; a peer that leaves more unread is given up.
    public init(capacity: Int) { self.capacity = capacity }

    /// Whether no bytes wait for room in the socket.
    public var isEmpty: Bool { unsent.isEmpty }

    /// Adds bytes; `send(to:)` sends them.
    public mutating func append(_ bytes: some Sequence<UInt8>) { unsent.append(contentsOf: bytes) }

    /// Sends as much as the socket takes without waiting. A peer that has gone raises no SIGPIPE.
    /// - Returns: whether the peer can still be sent to: not if sending failed, nor if more than `capacity` bytes wait.
    ///   The queue is then empty.
    public mutating func send(to socket: Int32) -> Bool {
        while !unsent.isEmpty {
            let count = unsent.withUnsafeBytes { bytes in
                retryingOnInterruption {
                    Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
                }
            }
            if count < 0, errno == EAGAIN, unsent.count <= capacity { return true }
            guard count > 0 else {
                unsent = []
                return false
            }
            unsent.removeFirst(count)
        }
        return true
    }
}
