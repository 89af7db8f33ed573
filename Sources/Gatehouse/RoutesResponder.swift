import HTTPTypes
public import Hummingbird

/// The responder of a module that has routes: the router that ``HandlerModule/routes(_:)`` has filled.
///
/// By this type the compiler tells a module that should have routes from one that brings a responder, which may be a
/// router as well.
public struct RoutesResponder<Context: RequestContext>: HTTPResponder {
    let router: RouterResponder<Context>
    let methods: RouteMethods<Context>
    let known: KnownPaths<Context>

    /// Answers by the module's routes: 404 if no route has the path, and 405 with `Allow` if one has, but not with this
    /// method (RFC 9110, section 15.5.6).
    /// - Throws: the error that a handler or middleware threw.
    public func respond(to request: Request, context: Context) async throws -> Response {
        let response = try await router.respond(to: request, context: context)
        guard response.status.code == 404 else { return response }
        return try await methods.corrected(response, to: request, context: context)
    }
}

/// The methods that each path of a router has, for the 405 that Hummingbird has no option for: it answers 404.
///
/// Consulted only after a 404. Paths are matched by a second router with the same paths, so by Hummingbird's own rules.
struct RouteMethods<Context: RequestContext>: Sendable {
    private let paths: RouterResponder<Context>

    /// - Parameter router: one whose responder has been built, because building it adds the routes of HEAD.
    init(of router: Router<Context>) {
        // In the router's order, which decides between paths that fit the same request.
        var known: [(path: RouterPath, methods: [String])] = []
        for route in router.routes {
            if let index = known.firstIndex(where: { $0.path == route.path }) {
                known[index].methods.append(route.method.rawValue)
            } else {
                known.append((route.path, [route.method.rawValue]))
            }
        }
        let paths = Router(context: Context.self)
        for (path, methods) in known {
            let allowed = methods.sorted().joined(separator: ", ")
            paths.get(path) { _, _ in Response(status: .methodNotAllowed, headers: [.allow: allowed]) }
        }
        self.paths = paths.buildResponder()
    }

    /// The methods of the request's path, for `Allow`; `nil` if the request's method is among them, or there is no such
    /// path.
    fileprivate func allowed(for request: Request, context: Context) async throws -> String? {
        var head = request.head
        head.method = .get
        let question = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        let answer = try await paths.respond(to: question, context: context)
        guard answer.status == .methodNotAllowed, let allowed = answer.headers[.allow],
            !allowed.split(separator: ", ").contains(Substring(request.method.rawValue))
        else { return nil }
        return allowed
    }

    /// Makes a 405 of a 404 that the router gave because of the method. A handler's own 404 stays as it is, and so does
    /// everything but status and `Allow` in a response that middleware has changed.
    @inline(never)
    func corrected(_ response: Response, to request: Request, context: Context) async throws -> Response {
        guard let allowed = try await allowed(for: request, context: context) else { return response }
        var corrected = response
        corrected.status = .methodNotAllowed
        corrected.headers[.allow] = allowed
        return corrected
    }
}

/// The innermost middleware around the router's own 404: adds `Allow` to one that is going to be a 405, so that
/// middleware which makes a page of it makes that of a 405 (``Hummingbird/HTTPError/sentStatus``). It stays a 404 until
/// then, because other middleware has a file for what no route has.
struct MethodNaming<Context: RequestContext>: RouterMiddleware {
    let methods: RouteMethods<Context>

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            guard let allowed = try await methods.allowed(for: request, context: context) else { throw error }
            throw HTTPError(.notFound, headers: [.allow: allowed], message: nil)
        }
    }
}

extension HTTPError {
    /// The status with which the error is answered: 405 for a 404 of the router whose path has other methods.
    package var sentStatus: HTTPResponse.Status {
        status == .notFound && headers[.allow] != nil ? .methodNotAllowed : status
    }
}
