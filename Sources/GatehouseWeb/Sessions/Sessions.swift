public import Gatehouse
import GatehouseServer
import Glibc
import HTTPTypes
public import Hummingbird
import Logging
import Synchronization

/// Gives each request its visitor's session: ``WebRequestContext/session``.
///
/// ```swift
/// router.add(middleware: Sessions(.cookie(try KeyRing(settings.keys, for: context)), name: context.name))
/// ```
///
/// A session that nobody uses costs nothing but the look for it, and a response gets a cookie only if something has
/// changed, or a tenth of the idle time has passed. A request that fails (500 and more) changes no session. A response
/// for which the session was used says `Vary: Cookie` and `Cache-Control: private`, so that no cache on the way gives
/// one visitor's page to another.
///
/// The cookie is `HttpOnly`, `SameSite=Lax` and valid for the whole host; over TLS also `Secure`, with the prefix
/// `__Host-` before its name. The front server says whether the client came by TLS (`HTTPS`, or else REQUEST_SCHEME).
public struct Sessions<Context: WebRequestContext>: RouterMiddleware {
    private let store: SessionStore
    private let lifetime: SessionLifetime
    private let isHTTPSOnly: Bool
    private let secure: SessionCookie
    private let plain: SessionCookie
    /// Set in production, to be said once.
    private let insecureCookies: InsecureCookies?
    /// The time in seconds since 1970.
    private let now: @Sendable () -> Int

    /// Makes the middleware.
    /// - Parameters:
    ///   - store: the place of the sessions.
    ///   - name: the cookie's name. Modules on one host need different ones: the module's own name is a good one.
    ///   - lifetime: the time that a session lives.
    ///   - isHTTPSOnly: whether all clients come by HTTPS, whatever the front server says. For a front server behind
    ///     another one that takes the TLS off.
    public init(
        _ store: SessionStore, name: String = "session", lifetime: SessionLifetime = SessionLifetime(),
        isHTTPSOnly: Bool = false
    ) {
        self.init(
            store, name: name, lifetime: lifetime, isHTTPSOnly: isHTTPSOnly, saysInsecure: false, now: { time(nil) })
    }

    package init(
        _ store: SessionStore, name: String, lifetime: SessionLifetime, isHTTPSOnly: Bool, saysInsecure: Bool = false,
        now: @escaping @Sendable () -> Int = { time(nil) }
    ) {
        insecureCookies = saysInsecure ? InsecureCookies() : nil
        self.store = store
        self.lifetime = lifetime
        self.isHTTPSOnly = isHTTPSOnly
        let name = SessionCookie.tidied(name)
        secure = SessionCookie(name: name, isSecure: true)
        plain = SessionCookie(name: name, isSecure: false)
        self.now = now
    }

    /// Answers a request that has a session.
    /// - Throws: the error of the handler; ``SessionError`` if the session cannot be written; a `DatabaseError` if it
    ///   is in a database that fails.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let cookie = isHTTPSOnly || context.gateway.tls != nil ? secure : plain
        let visit = try await store.open(
            request.headers, cookie: cookie, lifetime: lifetime, now: now, logger: context.logger)
        context.values[SessionValue.self] = visit.session
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as any HTTPResponseError where visit.session.isTouched {
            // An error that is an answer, as a 403 is: what the handler has stored before it counts.
            response = try error.response(from: request, context: context)
        }
        guard visit.session.isTouched else { return response }
        // A request that failed may have stored half of something.
        let text = response.status.code < 500 ? try await finish(visit, cookie, context) : nil
        if let text { response.headers.append(HTTPField(name: .setCookie, value: text)) }
        response.keepFromSharedCaches(hasCookie: text != nil)
        return response
    }

    /// Writes what has changed.
    /// - Returns: the text of `Set-Cookie`; `nil` if the browser's cookie stays as it is.
    private func finish(_ visit: SessionVisit, _ cookie: SessionCookie, _ context: Context) async throws -> String? {
        let now = now()
        let content: SessionContent
        let value: String?
        switch try visit.session.finish(now: now, lifetime: lifetime) {
        case .nothing: return nil
        case .end:
            try await store.end(visit)
            return cookie.removal
        case .write(let written, let change):
            content = written
            value = try await store.write(content, change, of: visit, end: end(of: content))
        case .refresh(let refreshed):
            content = refreshed
            value = try await store.refresh(content, of: visit, end: end(of: content))
        }
        store.cleanUp(now: now, after: context.gateway)
        // A session that was ended elsewhere meanwhile. Its cookie is worth nothing, and may be another one by now.
        guard let value else { return nil }
        if !isHTTPSOnly, context.gateway.tls == nil { insecureCookies?.say(to: context.logger) }
        let text = cookie.text(value, maximumAge: lifetime.outlivesBrowser ? end(of: content) - now : nil)
        guard text.utf8.count <= SessionCookie.longest else {
            throw SessionError(
                "the session's cookie would have \(text.utf8.count) bytes, and browsers keep \(SessionCookie.longest): "
                    + "\(content.sizes) bytes: keep less in it, or the sessions in the database (.database)")
        }
        return text
    }

    private func end(of content: SessionContent) -> Int {
        lifetime.end(created: content.created, used: content.used)
    }
}

/// Says once, in production, that cookies go without `Secure`: it may be meant, and may be a front server's mistake.
private final class InsecureCookies: Sendable {
    private let isSaid = Atomic(false)

    func say(to logger: Logger) {
        guard !isSaid.exchange(true, ordering: .relaxed) else { return }
        logger.notice(
            """
            the session's cookie goes without Secure, since the front server says that its client came by plain HTTP. \
            If all clients come by HTTPS, have it say so (fastcgi_param HTTPS on), or set https-only: true (settings: \
            web)
            """)
    }
}

/// The key of the request's session.
enum SessionValue: RequestValueKey {
    typealias Value = Session
}

extension WebRequestContext {
    /// The visitor's session. It needs the middleware ``Sessions``; without it, an empty one that nobody keeps, and an
    /// error in the log.
    public var session: Session {
        if let session = values[SessionValue.self] { return session }
        logger.error("the session was used without the middleware Sessions: nothing is kept; add it to the router")
        let session = Session(logger: logger)
        values[SessionValue.self] = session
        return session
    }
}
