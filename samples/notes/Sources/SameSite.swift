import Gatehouse

/// Refuses what another site's page has a browser send: forms here carry no secret that would tell.
///
/// Browsers say where a request comes from in `Sec-Fetch-Site`, but only to HTTPS and to localhost. Without it, the
/// page's host in `Origin` must be the one that the request is for. Clients that are no browsers send neither.
struct SameSite: RouterMiddleware {
    func handle(
        _ request: Request, context: GatewayRequestContext,
        next: (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        let isReading = request.method == .get || request.method == .head
        guard isReading || Self.isOurs(request) else {
            throw HTTPError(.forbidden, message: "this form was not ours")
        }
        return try await next(request, context)
    }

    private static func isOurs(_ request: Request) -> Bool {
        if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }) {
            return site == "same-origin" || site == "none"
        }
        guard let origin = request.headers[.origin] else { return true }
        guard let host = request.head.authority else { return false }
        return isSame(origin: origin, host: host)
    }

    /// Whether an `Origin` (`http://example.org:8080`; `null` is no page's that could be ours) names a `Host`.
    static func isSame(origin: String, host: String) -> Bool {
        let origin = origin.lowercased()
        var host = host.lowercased()
        for (scheme, port) in [("http://", ":80"), ("https://", ":443")] where origin.hasPrefix(scheme) {
            if host.hasSuffix(port) { host.removeLast(port.count) }
            return !host.isEmpty && origin.dropFirst(scheme.count) == host
        }
        return false
    }
}
