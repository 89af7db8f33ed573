public import HTTPTypes
public import Hummingbird
import Logging

extension MultipartError: HTTPResponseError {
    /// The HTTP status: 400, 413, 415 or 500.
    public var status: HTTPResponse.Status { HTTPResponse.Status(code: statusCode) }

    /// The response if no handler takes the error: that of Hummingbird's `HTTPError` with ``status`` and
    /// ``description``; a mistake of the handler itself is logged, and the client gets its status alone.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        guard code != .partIsGone else {
            context.logger.error("\(description)")
            return Response(status: status)
        }
        context.logger.info("\(description)")
        return try HTTPError(status, message: description).response(from: request, context: context)
    }
}
