import GatehouseWire
import NIOCore

/// The pieces of one body in one read. A front server sends a body in records of 8 or 16 KiB; a handler gets what one
/// read has brought as one chunk.
struct BodyPieces {
    private(set) var id: RequestID?
    private var first = 0..<0
    /// All pieces, if there are several.
    private var joined: ByteBuffer?

    /// The smallest piece that is kept in the buffer of its read instead of being copied.
    private static let smallPiece = 16_384

    /// Takes a piece, which is a range of the read's readable bytes and belongs to the same body as those before.
    mutating func add(_ range: Range<Int>, of id: RequestID, in read: ByteBuffer) {
        guard self.id != nil else {
            self.id = id
            first = range
            return
        }
        var buffer = joined ?? begin(with: first.count + range.count, of: read)
        // Let go of, because writing to a buffer with two owners copies it.
        joined = nil
        Self.copy(range, of: read, to: &buffer)
        joined = buffer
    }

    private func begin(with count: Int, of read: ByteBuffer) -> ByteBuffer {
        // Bounded by the pieces so far, since what follows may be no body.
        let expected = min(read.readableBytes - first.lowerBound, 4 * count)
        var buffer = ByteBufferAllocator().buffer(capacity: expected)
        Self.copy(first, of: read, to: &buffer)
        return buffer
    }

    /// The pieces as one, and none from now on.
    mutating func take(from read: ByteBuffer) -> ByteBuffer {
        defer { self = BodyPieces() }
        return joined ?? Self.piece(first, of: read)
    }

    /// One piece. A large one keeps the whole read's buffer; a thousand handlers that each hold a small one would then
    /// hold 64 MiB.
    static func piece(_ range: Range<Int>, of read: ByteBuffer) -> ByteBuffer {
        // The wire counts from the first readable byte, and never past the last.
        let slice = read.getSlice(at: read.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
        return slice.readableBytes >= smallPiece ? slice : ByteBuffer(slice.readableBytesView)
    }

    private static func copy(_ range: Range<Int>, of read: ByteBuffer, to buffer: inout ByteBuffer) {
        read.withUnsafeReadableBytes { _ = buffer.writeBytes(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
}
