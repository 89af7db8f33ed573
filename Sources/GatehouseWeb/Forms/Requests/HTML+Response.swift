public import HTTPTypes
public import Hummingbird
import NIOCore

extension HTML: ResponseGenerator {
    /// A response of a status with the piece as `text/html`.
    public func response(_ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        if headers[.contentType] == nil { headers[.contentType] = "text/html; charset=utf-8" }
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// The response of a handler that returns the piece: 200.
    public func response(from request: Request, context: some RequestContext) throws -> Response { response() }
}
