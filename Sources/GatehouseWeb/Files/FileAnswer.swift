import HTTPTypes
import Hummingbird
import NIOCore

/// The answer with a file's content: conditions, ranges, and the headers of both (RFC 9110, sections 13 and 14).
struct FileAnswer {
    var headers: HTTPFields
    var etag: ETag
    var modified: HTTPDate
    var size: Int64

    /// - Parameter body: makes the body of a part of the content.
    func response(to request: Request, _ body: (Range<Int64>) async throws -> ResponseBody) async throws -> Response {
        var headers = headers
        headers[.eTag] = etag.text
        headers[.lastModified] = modified.text
        headers[.acceptRanges] = "bytes"
        headers[.xContentTypeOptions] = "nosniff"
        switch Preconditions.outcome(for: request, etag: etag, lastModified: modified) {
        case .notModified:
            headers[.contentType] = nil
            return Response(status: .notModified, headers: headers)
        case .failed: throw HTTPError(.preconditionFailed)
        case .hold: break
        }
        switch range(of: request) {
        case .unsatisfiable:
            throw HTTPError(.rangeNotSatisfiable, headers: [.contentRange: "bytes */\(size)"])
        case .whole: return Response(status: .ok, headers: headers, body: try await body(0..<size))
        case .part(let part):
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)"
            return Response(status: .partialContent, headers: headers, body: try await body(part))
        }
    }

    /// The range, unless the client has another state of the file than this (`If-Range`).
    private func range(of request: Request) -> ByteRange {
        guard request.method == .get else { return .whole }
        if let condition = request.headers[.ifRange] {
            let holds =
                condition.utf8.first == UInt8(ascii: "\"")
                ? ETag.list(condition)?.first.map { etag.isSame(as: $0) } ?? false
                : HTTPDate(condition) == modified
            if !holds { return .whole }
        }
        return ByteRange(request.headers[.range], size: size)
    }
}
