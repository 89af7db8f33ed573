import Gatehouse

/// Refuses what another site's page has a browser send: forms here carry no secret that would tell.
///
/// Browsers say where a request comes from in `Sec-Fetch-Site`; older ones, and other clients, send none.
struct SameSite: RouterMiddleware {
    func handle(
        _ request: Request, context: GatewayRequestContext,
        next: (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        let isReading = request.method == .get || request.method == .head
        let origin = HTTPField.Name("Sec-Fetch-Site").flatMap { request.headers[$0] } ?? "none"
        guard isReading || origin == "same-origin" || origin == "none" else {
            throw HTTPError(.forbidden, message: "this form was not ours")
        }
        return try await next(request, context)
    }
}
