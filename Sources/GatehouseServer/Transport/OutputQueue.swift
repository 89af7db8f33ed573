import CGatehouseSystem
import Glibc
import NIOCore

/// Bytes on their way to a non-blocking socket, in the pieces in which they were written.
struct OutputQueue {
    /// The pieces that wait, behind those that have left since the queue was last empty.
    private var pieces: [ByteBuffer] = []
    /// The count of those that have left.
    private var gone = 0
    /// Bytes that wait.
    private(set) var byteCount = 0
    /// Bytes that have left since the beginning.
    var sentByteCount = 0

    /// The most pieces of one system call; the kernel's limit is 1,024.
    private static let piecesAtATime = 64

    var isEmpty: Bool { pieces.isEmpty }

    mutating func append(_ piece: ByteBuffer) {
        pieces.append(piece)
        byteCount += piece.readableBytes
    }

    mutating func removeAll() {
        pieces = []
        gone = 0
        byteCount = 0
    }

    /// Sends as much as the socket takes.
    /// - Returns: whether the connection still stands; a full socket is no failure.
    mutating func send(to socket: Int32) -> Bool {
        while !pieces.isEmpty {
            let sent = sendOnce(to: socket)
            if sent < 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN
            }
            drop(sent)
        }
        return true
    }

    private func sendOnce(to socket: Int32) -> Int {
        withUnsafeTemporaryAllocation(of: iovec.self, capacity: Self.piecesAtATime) { vectors in
            var count = 0
            for piece in pieces[gone...].prefix(Self.piecesAtATime) {
                // The queue keeps the pieces, and with them their memory, alive until after the call.
                piece.withUnsafeReadableBytes { bytes in
                    vectors[count] = iovec(
                        iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
                }
                count += 1
            }
            return gatehouse_send(socket, vectors.baseAddress, Int32(count))
        }
    }

    private mutating func drop(_ sent: Int) {
        byteCount -= sent
        sentByteCount += sent
        var rest = sent
        while gone < pieces.count, pieces[gone].readableBytes <= rest {
            rest -= pieces[gone].readableBytes
            pieces[gone] = ByteBuffer()
            gone += 1
        }
        if rest > 0 { pieces[gone].moveReaderIndex(forwardBy: rest) }
        if gone == pieces.count {
            pieces.removeAll(keepingCapacity: gone <= Self.piecesAtATime)
            gone = 0
        } else if gone >= Self.piecesAtATime, gone >= pieces.count - gone {
            pieces.removeFirst(gone)
            gone = 0
        }
    }
}
