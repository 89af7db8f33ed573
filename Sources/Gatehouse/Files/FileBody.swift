import CGatehouseSystem
import GatehouseServer
import Glibc
package import HummingbirdCore
import NIOCore

/// The body of a response that is read from a file piece by piece.
package enum FileBody {
    /// The bytes of one piece. A worker holds about two of them for each client that is slower than its disk.
    static let pieceLength = 131_072

    private struct Shortened: Error, CustomStringConvertible {
        var description: String { "the file has become shorter while it was sent" }
    }

    /// - Parameter range: the bytes of the file that are sent.
    package static func make(_ file: OpenFile, _ range: Range<Int64>) -> ResponseBody {
        ResponseBody(contentLength: Int(range.count)) { writer in
            var offset = range.lowerBound
            while offset < range.upperBound {
                let count = Int(min(Int64(pieceLength), range.upperBound - offset))
                let piece = try await piece(of: file, at: offset, count: count)
                guard piece.readableBytes > 0 else { throw Shortened() }
                offset += Int64(piece.readableBytes)
                try await writer.write(piece)
            }
            try await writer.finish(nil)
        }
    }

    /// Reads at once what the system has in its memory, and on a thread that may wait what it has not: no loop ever
    /// waits for a disk.
    private static func piece(of file: OpenFile, at offset: Int64, count: Int) async throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        let cached = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            max(0, gatehouse_read_cached(file.descriptor, space.baseAddress, count, off_t(offset)))
        }
        if cached > 0 { return buffer }
        return ByteBuffer(bytes: try await BlockingThreads.run { try file.read(at: offset, count: count) })
    }
}
