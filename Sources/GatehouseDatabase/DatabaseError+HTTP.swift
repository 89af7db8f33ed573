public import Hummingbird
import Logging

extension DatabaseError {
    /// The HTTP status if nobody handles the error: 404 for ``Kind/notFound``, 409 for broken constraints and for
    /// transactions that met another one, 503 if the database cannot be had now, 400 for text that no database can
    /// hold (U+0000), 500 otherwise.
    public var status: HTTPResponse.Status {
        switch kind {
        case .notFound: .notFound
        case .unique, .foreignKey, .serialization, .deadlock: .conflict
        case .timeout, .cancelled, .connectionLost, .exhausted: .serviceUnavailable
        case .invalidText: .badRequest
        case .notNull, .check, .tooManyRows, .data, .usage, .other: .internalServerError
        }
    }
}

extension DatabaseError: HTTPResponseError {
    /// The response if no handler takes the error: ``status`` without a body, for a 503 with `Retry-After: 1`. The log
    /// has the message and the statement, once.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        context.logger.log(level: level, "\(description)")
        return Response(status: status, headers: status == .serviceUnavailable ? [.retryAfter: "1"] : [:])
    }

    /// Clients can cause errors below 500; a cancelled statement has no client any more.
    private var level: Logger.Level {
        if kind == .cancelled { return .info }
        return switch status.code {
        case 404: .debug
        case ..<500: .info
        case 503: .warning
        default: .error
        }
    }
}
