package import HTTPTypes
import Hummingbird
package import HummingbirdCore

/// The answer with a file's content: conditions, ranges, and the headers of both (RFC 9110, sections 13 and 14).
package struct FileAnswer {
    package var headers: HTTPFields
    package var etag: ETag
    package var modified: HTTPDate
    package var size: Int64

    package init(headers: HTTPFields, etag: ETag, modified: HTTPDate, size: Int64) {
        self.headers = headers
        self.etag = etag
        self.modified = modified
        self.size = size
    }

    /// The answer with a file as it is.
    package init(headers: HTTPFields, _ file: OpenFile) {
        self.init(headers: headers, etag: file.stamp.etag, modified: file.stamp.modified, size: file.stamp.size)
    }

    /// - Parameter body: makes the body of a part of the content.
    package func response(
        to request: RequestConditions, _ body: (Range<Int64>) async throws -> ResponseBody
    ) async throws -> Response {
        var headers = headers
        headers[.eTag] = etag.text
        headers[.lastModified] = modified.text
        headers[.acceptRanges] = "bytes"
        headers[.xContentTypeOptions] = "nosniff"
        switch request.outcome(etag: etag, lastModified: modified) {
        case .notModified:
            headers[.contentType] = nil
            return Response(status: .notModified, headers: headers)
        case .failed: throw HTTPError(.preconditionFailed)
        case .hold: break
        }
        switch request.range(etag: etag, lastModified: modified, size: size) {
        case .unsatisfiable:
            throw HTTPError(.rangeNotSatisfiable, headers: [.contentRange: "bytes */\(size)"])
        case .whole: return Response(status: .ok, headers: headers, body: try await body(0..<size))
        case .part(let part):
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)"
            return Response(status: .partialContent, headers: headers, body: try await body(part))
        }
    }
}
