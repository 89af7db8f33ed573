import Hummingbird
import NIOCore

/// The way through one body, which the sequence of parts, and each part, go together. For one task.
final class MultipartReader {
    /// Things found in the body, with their bytes.
    enum Event {
        case partBegins(PartHead)
        case bytes(ByteBuffer)
        case partEnds
    }

    let limits: MultipartLimits
    private var body: RequestBody.AsyncIterator
    private var parser: MultipartParser
    private var piece = ByteBuffer()
    /// The place in the piece.
    private var index = 0
    /// The count of parts that have begun; the last one may go on.
    private(set) var parts = 0
    private var isInPart = false

    init(_ request: Request, limits: MultipartLimits) throws(MultipartError) {
        self.limits = limits
        let boundary = try Self.boundary(of: request)
        // Refused before it is sent, where the front server sends it piece by piece.
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.totalBytes {
            throw .limit("bytes of the body", "totalBytes", \.totalBytes, of: limits)
        }
        parser = try MultipartParser(boundary: boundary, limits: limits)
        body = request.body.makeAsyncIterator()
    }

    private static func boundary(of request: Request) throws(MultipartError) -> [UInt8] {
        let type = try HeaderParameters((request.headers[.contentType] ?? "").utf8, of: "Content-Type")
        guard type.value == "multipart/form-data" else {
            throw MultipartError(
                .notMultipart, 415,
                "the request is no upload: its Content-Type is not multipart/form-data. "
                    + "A page's form needs enctype=\"multipart/form-data\"")
        }
        guard let boundary = type["boundary"] else {
            throw .malformed("Content-Type has no boundary. A script that sends FormData must not set Content-Type")
        }
        return boundary
    }

    /// The head of the next part; the rest of the present one is skipped. `nil` after the last.
    func nextPart() async throws -> PartHead? {
        while let event = try await nextEvent() {
            if case .partBegins(let head) = event { return head }
        }
        return nil
    }

    /// The next bytes of a part; `nil` at its end.
    /// - Parameter part: its number, from 1 on.
    func bytes(of part: Int) async throws -> ByteBuffer? {
        guard part == parts else {
            throw MultipartError(
                .partIsGone, 500, "a part of a form was read after the next one: a part's bytes are there until then")
        }
        guard isInPart, case .bytes(let bytes) = try await nextEvent() else { return nil }
        return bytes
    }

    private func nextEvent() async throws -> Event? {
        while true {
            let found = try piece.withUnsafeReadableBytes { bytes in try parser.next(in: bytes, at: &index) }
            switch found {
            case .partBegins(let head):
                parts += 1
                isInPart = true
                return .partBegins(head)
            case .bytes(let range):
                guard let slice = piece.getSlice(at: piece.readerIndex + range.lowerBound, length: range.count) else {
                    continue
                }
                return .bytes(slice)
            case .carried(let bytes): return .bytes(ByteBuffer(bytes: bytes))
            case .partEnds:
                isInPart = false
                return .partEnds
            case .messageEnds: continue
            case nil:
                index = 0
                // Let go of before the next one comes, so that its memory can be used for that.
                piece = ByteBuffer()
                guard let next = try await body.next(isolation: #isolation) else {
                    try parser.finish()
                    return nil
                }
                piece = next
            }
        }
    }
}
