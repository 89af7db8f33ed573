import GatehouseServer
import HTTPTypes
public import Hummingbird

/// Middleware that tells the client the request's name in the log: the header `X-Request-Id`.
///
/// The name is the front server's if it sends one, so that both logs and the client agree: `fastcgi_param REQUEST_ID
/// $request_id;`. A client's own `X-Request-Id` is not believed.
public struct RequestIDs<Context: WebRequestContext>: RouterMiddleware {
    /// Makes the middleware.
    public init() {}

    /// Answers the request, and adds the header.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.requestID] = context.gateway.requestID
        return response
    }
}

extension HTTPField.Name {
    static let requestID = HTTPField.Name("X-Request-Id")!
}
