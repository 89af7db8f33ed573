import FoundationEssentials
import Gatehouse
import GatehouseServer
public import HTTPTypes
public import Hummingbird

/// An error as the client sees it: the content of an error page, and of `application/problem+json` (RFC 9457).
public struct Problem: Sendable {
    /// The response's status.
    public let status: HTTPResponse.Status

    /// The headers that the error brings: `Retry-After`, `WWW-Authenticate`, `Allow`.
    public let headers: HTTPFields

    /// The message that the handler meant for the client (`HTTPError`'s); `nil` for none, and for all statuses of 500
    /// and more outside of development.
    public let detail: String?

    /// The name of the request in the log.
    public let requestID: String

    /// The error's type and text. In development alone: elsewhere it is `nil`, and the log has it.
    public let error: String?

    /// The status in words: `Not Found`.
    public var title: String {
        status.reasonPhrase.isEmpty ? "Error \(status.code)" : status.reasonPhrase
    }

    /// The problem as `application/problem+json`.
    public func json() throws -> Response {
        let content = Content(
            title: title, status: status.code, detail: detail, requestId: requestID, error: error)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Response(
            status: status, headers: [.contentType: "application/problem+json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try encoder.encode(content))))
    }

    private struct Content: Encodable {
        var title: String
        var status: Int
        var detail: String?
        var requestId: String
        var error: String?
    }

    /// A plain page that needs no template, no style and no script.
    public func html() -> Response {
        var page = """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>\(title.htmlEscaped)</title>
            <h1>\(title.htmlEscaped)</h1>

            """
        if let detail { page += "<p>\(detail.htmlEscaped)</p>\n" }
        if let error { page += "<pre>\(error.htmlEscaped)</pre>\n" }
        page += "<p>Error \(status.code), request \(requestID.htmlEscaped)</p>\n"
        return Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: page)))
    }
}
