import HTTPTypes
public import Hummingbird
import NIOCore

/// Refuses requests without a token of their session (``WebRequestContext/csrfToken``): in the header `X-CSRF-Token`,
/// or in the field `csrf_token` of an urlencoded form. It needs ``Sessions`` before it.
///
/// A form of multipart/form-data is not read here, since it may be large and is read by its handler: a script sends
/// the header with it, or its path is exempt and the handler asks ``WebRequestContext/isCSRFToken(_:)``.
public struct CSRFTokens<Context: WebRequestContext>: RouterMiddleware {
    /// The most bytes of a form that is read for its token; 1 MiB.
    private static var longestForm: Int { 1 << 20 }

    private let exempt: [RouterPath]

    /// Makes the middleware.
    /// - Parameter exempt: paths that need no token, as routes are written: `/hooks/**`.
    public init(exempt: [RouterPath] = []) {
        self.exempt = exempt
    }

    /// Answers a request that changes nothing, or has a token.
    /// - Throws: `HTTPError` 403 for any other, 413 for a form of more than a mebibyte; the error of the handler.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        switch request.method {
        case .get, .head, .options: return try await next(request, context)
        default: break
        }
        if exempt.contains(where: { $0.fits(request.uri.path) }) { return try await next(request, context) }
        var request = request
        let token = try await Self.token(of: &request)
        guard context.isCSRFToken(token) else {
            throw HTTPError(.forbidden, message: Self.refusal(of: request, hasToken: token != nil))
        }
        return try await next(request, context)
    }

    private static func refusal(of request: Request, hasToken: Bool) -> String {
        if hasToken { return "The form's token is not this session's: load its page again." }
        if request.headers[.contentType]?.lowercased().hasPrefix("multipart/") ?? false {
            return "The token of a form with files is not looked for in its fields: the request needs X-CSRF-Token, or "
                + "its path is exempt from the check and its handler asks isCSRFToken."
        }
        return "The form has no token: its page needs the field csrf_token, or the request X-CSRF-Token."
    }

    private static func token(of request: inout Request) async throws -> String? {
        if let name = HTTPField.Name("X-CSRF-Token"), let token = request.headers[name] { return token }
        let type = request.headers[.contentType]?.lowercased() ?? ""
        guard type.hasPrefix("application/x-www-form-urlencoded") else { return nil }
        let body = try await request.body.collect(upTo: longestForm)
        request.body = RequestBody(buffer: body)
        return token(in: body.readableBytesView)
    }

    /// A token has no character that a form would escape.
    private static func token(in form: ByteBufferView) -> String? {
        let name = Array((CSRFToken.field + "=").utf8)
        for field in form.split(separator: UInt8(ascii: "&")) where field.starts(with: name) {
            return String(decoding: field.dropFirst(name.count), as: UTF8.self)
        }
        return nil
    }
}
