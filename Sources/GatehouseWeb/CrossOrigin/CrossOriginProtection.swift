import HTTPTypes
public import Hummingbird
import Logging

/// Refuses what another site's page has a browser send (cross-site request forgery), by what browsers say of
/// themselves, without any token in forms. The rule is that of Go's `http.CrossOriginProtection`:
///
/// 1. GET, HEAD and OPTIONS pass: they must change nothing.
/// 2. If there is a `Sec-Fetch-Site`, it must be `same-origin` or `none`. All browsers since 2023 send it, to HTTPS and
///    to localhost.
/// 3. Otherwise, if there is an `Origin`, its host must be that of `Host`.
/// 4. A request with neither passes: it comes from no browser, or from one of before 2020.
/// 5. What 2 or 3 would refuse passes if its `Origin` is one of the trusted ones, or its path is exempt.
///
/// It works with any request context. The front server must pass `Host` on as the browser sent it, with its port.
public struct CrossOriginProtection<Context: RequestContext>: RouterMiddleware {
    private let trusted: Set<WebOrigin>
    private let exempt: [RouterPath]

    /// Makes the middleware.
    /// - Parameters:
    ///   - trustedOrigins: other sites whose pages may send requests here: `https://shop.example.org`.
    ///   - exempt: paths on which anybody's page may send anything, as routes are written: `/hooks/**`. Only for
    ///     handlers that do not go by cookies.
    /// - Throws: ``CrossOriginError`` if a text is no origin.
    public init(trustedOrigins: [String] = [], exempt: [RouterPath] = []) throws(CrossOriginError) {
        var trusted: Set<WebOrigin> = []
        for text in trustedOrigins {
            guard let origin = WebOrigin(text) else {
                throw CrossOriginError(
                    "\"\(text)\" is no origin: write it as in https://shop.example.org, without a path")
            }
            trusted.insert(origin)
        }
        self.trusted = trusted
        self.exempt = exempt
    }

    /// Takes origins that were checked when they were read.
    init(trusted: [String], exempt: [RouterPath]) {
        self.trusted = Set(trusted.compactMap { WebOrigin($0) })
        self.exempt = exempt
    }

    /// Answers a request that comes from no other site's page.
    /// - Throws: `HTTPError` 403 for any other; the error of the handler.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        if let refusal = refusal(of: request) {
            context.logger.notice("\(request.method) refused as another site's: \(refusal.reason): \(refusal.remedy)")
            throw HTTPError(.forbidden, message: "This was sent by another site's page: \(refusal.public).")
        }
        return try await next(request, context)
    }

    private struct Refusal {
        /// The reason for the client.
        var `public`: String
        /// The reason for the log, with what the client has sent.
        var reason: String
        var remedy: String
    }

    private func refusal(of request: Request) -> Refusal? {
        switch request.method {
        case .get, .head, .options: return nil
        default: break
        }
        let origin = request.headers[.origin] ?? ""
        if let name = HTTPField.Name.secFetchSite, let site = request.headers[name], !site.isEmpty {
            if site == "same-origin" || site == "none" || isExempt(request, origin) { return nil }
            return Refusal(
                public: "the browser says so in Sec-Fetch-Site", reason: "Sec-Fetch-Site is \(site.prefix(40))",
                remedy: "if the other site is yours, name it in trusted-origins")
        }
        if origin.isEmpty { return nil }
        let host = request.head.authority ?? ""
        if let origin = WebOrigin(origin), origin.isSame(as: host) { return nil }
        if isExempt(request, origin) { return nil }
        return Refusal(
            public: "Origin names another host than Host",
            reason: "Origin is \(origin.prefix(200)), and Host is \(host.prefix(200))",
            remedy: "if both are this site, have the front server pass Host on as the browser sent it, with its port "
                + "(nginx: fastcgi_param HTTP_HOST $http_host, proxy_set_header Host $http_host); if the origin is "
                + "another site of yours, name it in trusted-origins")
    }

    private func isExempt(_ request: Request, _ origin: String) -> Bool {
        if !trusted.isEmpty, let origin = WebOrigin(origin), trusted.contains(origin) { return true }
        return exempt.contains { $0.fits(request.uri.path) }
    }
}

/// An error in the origins of ``CrossOriginProtection``.
public struct CrossOriginError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The fault, and its remedy.
    public let description: String

    init(_ description: String) { self.description = description }
}

extension HTTPField.Name {
    /// `Sec-Fetch-Site` (W3C Fetch Metadata). An optional only for the compiler.
    static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")
}

extension RouterPath {
    /// Whether a request's path is one that the router would find by this path.
    func fits(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        var position = 0
        for component in components {
            if component == .recursiveWildcard { return true }
            guard position < parts.count, component ~= parts[position] else { return false }
            position += 1
        }
        return position == parts.count
    }
}
