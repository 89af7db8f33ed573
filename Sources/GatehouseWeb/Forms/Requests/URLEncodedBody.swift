import HTTPTypes
import Hummingbird
import NIOCore

extension FormBody {
    /// `application/x-www-form-urlencoded`, which browsers send for a form without files. A body that is too long is
    /// given up at the limit, or left unread if its length says so.
    public static let urlEncoded = FormBody(mediaType: "application/x-www-form-urlencoded") { request, limits in
        let body = try await request.collected(upTo: limits.bytes)
        return try body.withUnsafeReadableBytes { bytes in
            try FormFields(urlEncoded: bytes.bindMemory(to: UInt8.self), limits: limits)
        }
    }
}

extension Request {
    /// The whole body, in the piece that it came in if it is one.
    ///
    /// - Throws: ``FormError/Kind/tooLarge(limit:)`` as soon as there is more than the limit; the rest stays unread.
    func collected(upTo limit: Int) async throws -> ByteBuffer {
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw FormError(.tooLarge(limit: limit))
        }
        var collected = ByteBuffer()
        for try await piece in body {
            guard piece.readableBytes <= limit - collected.readableBytes else {
                throw FormError(.tooLarge(limit: limit))
            }
            if collected.readableBytes == 0 {
                collected = piece
            } else {
                collected.writeImmutableBuffer(piece)
            }
        }
        return collected
    }
}
