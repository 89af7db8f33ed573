public import Gatehouse
public import GatehouseDatabase
public import Hummingbird

/// All that a web application has around its routes, in the right order: names of requests, security headers, sessions
/// with flash messages, error pages, protection against other sites' forms, sign-in.
///
/// ```swift
/// @main
/// struct Shop: HandlerModule {
///     let stack: WebStack<WebContext>
///
///     init(context: ModuleContext) async throws { stack = try WebStack(context: context) }
///
///     func routes(_ router: Router<WebContext>) {
///         stack.add(to: router)
///         router.get("/") { _, context in "You were here \(context.session["visits", as: Int.self] ?? 0) times." }
///     }
/// }
/// ```
///
/// Its settings are `settings: web:` (``WebSettings``). Each part can be used alone in its place.
public struct WebStack<Context: WebRequestContext>: Sendable {
    /// The settings, as the module's configuration has them.
    public let settings: WebSettings

    /// The secrets of the module, for whatever else is to be sealed (``KeyRing/sealer(for:)``).
    public let keys: KeyRing

    /// The place of the sessions: an encrypted cookie, unless a database was given.
    public let sessions: SessionStore

    /// The headers of each response.
    public var headers: SecurityPolicy

    /// Paths on which other sites' pages may send anything, as routes are written: `/hooks/**`.
    public var exemptFromOriginCheck: [RouterPath] = []
    /// Paths of forms with files, whose tokens are not read ahead if the settings ask for tokens: their handlers ask
    /// ``WebRequestContext/isCSRFToken(_:)``. The origin is checked for them as for all.
    public var exemptFromTokenCheck: [RouterPath] = []

    /// Outermost, around everything else: what measures or names requests. ``RequestIDs`` by default.
    public var outermost: [any MiddlewareProtocol<Request, Response, Context>] = [RequestIDs<Context>()]

    /// The pages of errors: plain ``ErrorPages``, unless the module has its own; `nil` for none. They are inside of the
    /// sessions, so that they can show who has signed in, and around all that refuses requests.
    public var errorPages: (any MiddlewareProtocol<Request, Response, Context>)?

    /// The sign-in, and other middleware that needs the session: innermost, before the routes.
    public var innermost: [any MiddlewareProtocol<Request, Response, Context>] = []

    private let sessionName: String
    private let mode: ModuleMode

    /// Makes the stack from the module's `settings: web:`.
    /// - Parameters:
    ///   - context: the context that the module's `init` was given.
    ///   - database: the database of the sessions, whose migrations have `.sessions`; `nil` keeps them in an encrypted
    ///     cookie.
    /// - Throws: `SettingsError`, or ``KeyRingError`` if there is no secret and none can be made. A module's `init`
    ///   lets it through: the worker then logs it and does not start.
    public init(context: ModuleContext, sessionsIn database: Database? = nil) throws {
        settings = try context.settings(Section.self).web ?? WebSettings()
        keys = try KeyRing(settings.keys, for: context)
        sessions = database.map { .database($0) } ?? .cookie(keys)
        sessionName = settings.sessionName ?? context.name
        mode = context.mode
        errorPages = ErrorPages<Context>(mode: context.mode)
        headers = SecurityPolicy()
        headers.isHTTPSOnly = settings.isHTTPSOnly
        headers.strictTransport = settings.strictTransportSecurity.map { StrictTransport(maximumAge: $0) }
    }

    private struct Section: Decodable {
        var web: WebSettings?
    }

    /// Adds everything to a router, before its routes. From the outside to the inside: ``outermost``, security headers,
    /// sessions, ``errorPages``, the check of the origin, of the token if the settings ask for it, ``innermost``.
    public func add(to router: Router<Context>) {
        for middleware in outermost { router.add(middleware: middleware) }
        router.add(middleware: SecurityHeaders<Context>(headers))
        router.add(
            middleware: Sessions<Context>(
                sessions, name: sessionName, lifetime: settings.session, isHTTPSOnly: settings.isHTTPSOnly,
                saysInsecure: mode == .production))
        if let errorPages { router.add(middleware: errorPages) }
        router.add(
            middleware: CrossOriginProtection<Context>(trusted: settings.trustedOrigins, exempt: exemptFromOriginCheck))
        if settings.requiresCSRFTokens {
            router.add(middleware: CSRFTokens<Context>(exempt: exemptFromOriginCheck + exemptFromTokenCheck))
        }
        for middleware in innermost { router.add(middleware: middleware) }
    }
}
