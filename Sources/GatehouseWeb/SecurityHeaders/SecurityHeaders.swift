import GatehouseServer
import HTTPTypes
public import Hummingbird

/// Adds the headers of a ``SecurityPolicy`` to each response, and `X-Content-Type-Options: nosniff`. A header that the
/// response has already stays as it is: a handler knows its page better.
///
/// ```swift
/// var policy = SecurityPolicy()
/// policy.content?["img-src"] = "'self' https://images.example.org"
/// router.add(middleware: SecurityHeaders(policy))
/// ```
///
/// It comes before other middleware, so that error responses have the headers, too. There is no `X-Frame-Options`:
/// every browser of the last ten years obeys `frame-ancestors`.
public struct SecurityHeaders<Context: WebRequestContext>: RouterMiddleware {
    private let always: [HTTPField]
    private let overTLS: [HTTPField]
    private let isHTTPSOnly: Bool
    private let contentPolicy: HTTPField?
    private let piecesAroundNonce: [String]

    /// Makes the middleware. A policy is rendered once, here.
    public init(_ policy: SecurityPolicy = SecurityPolicy()) {
        func field(_ name: HTTPField.Name?, _ value: String?) -> HTTPField? {
            guard let name, let value else { return nil }
            return HTTPField(name: name, value: value)
        }
        always = [
            field(.xContentTypeOptions, "nosniff"),
            field(HTTPField.Name("Referrer-Policy"), policy.referrer),
            field(HTTPField.Name("Permissions-Policy"), policy.permissions),
        ].compactMap(\.self)
        overTLS = [
            field(HTTPField.Name("Cross-Origin-Opener-Policy"), policy.opener),
            field(.strictTransportSecurity, policy.strictTransport?.text),
        ].compactMap(\.self)
        isHTTPSOnly = policy.isHTTPSOnly
        contentPolicy = field(.contentSecurityPolicy, policy.content?.text)
        piecesAroundNonce = policy.content?.piecesAroundNonce ?? []
    }

    /// Answers a request, and adds the headers to the response.
    /// - Throws: the error of the handler, unless it is a response.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as any HTTPResponseError {
            response = try error.response(from: request, context: context)
        }
        response.headers.reserveCapacity(response.headers.count + always.count + overTLS.count + 1)
        for field in always { Self.add(field, to: &response) }
        if isHTTPSOnly || context.gateway.tls != nil {
            for field in overTLS { Self.add(field, to: &response) }
        }
        if let contentPolicy, !response.headers.contains(.contentSecurityPolicy) {
            response.headers.append(policy(contentPolicy, context))
        }
        return response
    }

    private static func add(_ field: HTTPField, to response: inout Response) {
        if !response.headers.contains(field.name) { response.headers.append(field) }
    }

    private func policy(_ plain: HTTPField, _ context: Context) -> HTTPField {
        guard let nonce = context.values[NonceValue.self] else { return plain }
        return HTTPField(name: .contentSecurityPolicy, value: piecesAroundNonce.joined(separator: nonce))
    }
}
