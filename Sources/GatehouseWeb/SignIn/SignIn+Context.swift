import HTTPTypes
public import Hummingbird

extension UserRequestContext where User: SignInUser {
    /// Signs a user in, after his password or whatever else was verified. The next request has him as its ``user``.
    ///
    /// The session gets a new id, so that nobody who has planted the old one is signed in with him. What a visitor had
    /// in it (a cart) stays; what another user had is gone.
    public func signIn(_ user: User) {
        let session = session
        let id = user.id.signInText
        if let owner = session.owner, owner != id { session.destroy() }
        session.renew()
        session.owner = id
        session[.signInStamp] = user.stampForSession
    }

    /// Signs the user out: his session and all that was in it is gone.
    ///
    /// A copy of a session's cookie goes on working if sessions are kept in cookies; in the database
    /// (``DatabaseSessions``) the session has ended for good.
    public func signOut() { session.destroy() }
}

extension UserRequestContext {
    /// The user; only for one who has signed in.
    ///
    /// ```swift
    /// router.post("/notes") { request, context in
    ///     let user = try context.requireUser()
    /// ```
    /// - Parameter may: whether this user may do it; by default everybody who has signed in.
    /// - Throws: ``SignInRequired`` for a visitor: a browser is sent to the sign-in page and comes back afterwards,
    ///   others get a 401. For a user who may not, a 403.
    @discardableResult
    public func requireUser(_ may: (User) throws -> Bool = { _ in true }) throws -> User {
        guard let user else { throw SignInRequired() }
        guard try may(user) else { throw HTTPError(.forbidden) }
        return user
    }
}

/// Lets only users to the routes behind it, and of those only whom it is told to.
///
/// ```swift
/// let admin = router.group("/admin").add(middleware: RequireUser { $0.isAdmin })
/// ```
public struct RequireUser<Context: UserRequestContext>: RouterMiddleware {
    private let may: @Sendable (Context.User) throws -> Bool

    /// - Parameter may: whether this user may come in; by default everybody who has signed in.
    public init(_ may: @escaping @Sendable (Context.User) throws -> Bool = { _ in true }) {
        self.may = may
    }

    /// Answers a request of a user who may.
    /// - Throws: ``SignInRequired`` for a visitor, and a 403 for a user who may not.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        try context.requireUser(may)
        return try await next(request, context)
    }
}

/// The error for a visitor at a place that only users may see. A browser that wants a page is sent to the sign-in page
/// (303), with its own address in `?return=`; anybody else gets a 401.
public struct SignInRequired: HTTPResponseError {
    /// Makes the error.
    public init() {}

    /// 401.
    public var status: HTTPResponse.Status { .unauthorized }

    /// The response: a redirect or a 401, without a body.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        // RFC 9110, section 15.5.2, wants a challenge; no browser knows this one and asks for a password itself.
        var headers: HTTPFields = [.cacheControl: "no-store", .wwwAuthenticate: "Cookie"]
        guard let context = context as? any WebRequestContext, let page = context.values[SignInPage.self],
            Self.wantsPage(request)
        else { return Response(status: .unauthorized, headers: headers) }
        headers[.wwwAuthenticate] = nil
        headers[.location] = page + Self.query(request, context)
        return Response(status: .seeOther, headers: headers)
    }

    /// Whether the client is a browser that shows what it gets: scripts ask for JSON, or for anything.
    private static func wantsPage(_ request: Request) -> Bool {
        request.headers[.accept]?.lowercased().contains("text/html") ?? false
    }

    /// The query with the way back. A form that was sent cannot be sent again from there.
    private static func query(_ request: Request, _ context: any WebRequestContext) -> String {
        guard request.method == .get || request.method == .head,
            let path = LocalPath(context.mountPath + request.uri.string)
        else { return "" }
        return "?return=" + path.inQuery
    }
}

extension LocalPath {
    /// The path as a value of a query.
    fileprivate var inQuery: String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x2F, 0x5F, 0x7E:
                escaped.unicodeScalars.append(.init(byte))
            default: escaped += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return escaped
    }
}
