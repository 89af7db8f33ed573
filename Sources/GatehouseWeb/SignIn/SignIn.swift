import Gatehouse
import HTTPTypes
public import Hummingbird

/// Puts the user who has signed in into the context, as ``UserRequestContext/user``.
///
/// ```swift
/// router.add(middleware: Sessions(.database(database), name: context.name))
/// router.add(middleware: SignIn<UserContext<Member>>(page: "/sign-in") { [database] id in
///     try await database.first("SELECT id, email, password_hash FROM member WHERE id = \(id)", as: Member.self)
/// })
/// ```
///
/// The session says who it is, and the closure finds him for each request, so that a user who was deleted or locked is
/// one no longer. A session from before a change of ``SignInUser/signInStamp`` is ended.
///
/// What a user gets is not kept by browsers or proxies (`Cache-Control: no-store`), unless the handler says another
/// `Cache-Control`: after the sign-out the button "back" shows nothing.
public struct SignIn<Context: UserRequestContext>: RouterMiddleware where Context.User: SignInUser {
    /// Finds a user by his key; `nil` if there is none, or none who may come in.
    public typealias Find = @Sendable (Context.User.ID) async throws -> Context.User?
    /// Finds, or makes, the user with the name that the front server has authenticated.
    public typealias FindByName = @Sendable (String) async throws -> Context.User?

    private let page: String?
    private let find: Find
    private let findByName: FindByName?

    /// Makes the middleware for users who sign in at a page of the module. It needs ``Sessions`` before it.
    /// - Parameters:
    ///   - page: the path of the sign-in page, below the module's mount path. Browsers are sent there by
    ///     ``UserRequestContext/requireUser(_:)``; without it they get a 401.
    ///   - find: finds a user by his key.
    public init(page: String? = nil, find: @escaping Find) {
        self.init(page: page, find: find, remoteUser: nil)
    }

    /// Makes the middleware for users whom the front server may have authenticated: by its own passwords, client
    /// certificates, Kerberos, or a FastCGI authorizer. A name that it sends (REMOTE_USER) goes before the session.
    ///
    /// Make sure that the front server sets that variable only from what it has verified. nginx does not by itself: its
    /// `fastcgi_params` pass `$remote_user`, which is whatever name a client's `Authorization` says where no
    /// `auth_basic` has checked it. A browser sends such credentials along with every request, other sites' forms
    /// included, so ``CrossOriginProtection`` is needed all the more.
    /// - Parameters:
    ///   - page: the path of the sign-in page, below the module's mount path; `nil` if there is none.
    ///   - find: finds a user by his key, for those who have signed in at a page; by default there are none.
    ///   - remoteUser: finds, or makes, the user with that name.
    public init(
        page: String? = nil, find: @escaping Find = { _ in nil }, remoteUser: @escaping FindByName
    ) {
        self.init(page: page, find: find, remoteUser: Optional(remoteUser))
    }

    private init(page: String?, find: @escaping Find, remoteUser: FindByName?) {
        self.page = page
        self.find = find
        findByName = remoteUser
    }

    /// Answers a request with its user.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let page { context.values[SignInPage.self] = context.mountPath + page }
        if let findByName, let name = context.gateway.remoteUser {
            context.user = try await findByName(name)
        } else {
            context.user = try await userOfSession(context)
        }
        let isUser = context.user != nil
        var response = try await next(request, context)
        if isUser, response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }

    private func userOfSession(_ context: Context) async throws -> Context.User? {
        let session = context.session
        guard let owner = session.owner else { return nil }
        if let id = Context.User.ID(signInText: owner), let user = try await find(id),
            ConstantTime.areEqual(session[.signInStamp] ?? "", user.stampForSession)
        {
            return user
        }
        // It is nobody's, or from before everybody was signed out: what is in it was his, too.
        session.destroy()
        return nil
    }
}

/// The key of the sign-in page's path, with the mount path.
enum SignInPage: RequestValueKey {
    typealias Value = String
}

extension SessionKey where Value == String {
    /// The key of the stamp that the user had at the sign-in.
    static var signInStamp: SessionKey { SessionKey("_stamp") }
}

extension SignInUser {
    /// The stamp as sessions and tokens have it: 128 bits, from which nobody finds the password's hash.
    var stampForSession: String { String(Token.hash(of: signInStamp).prefix(22)) }
}
