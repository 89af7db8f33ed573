import HTTPTypes
import Hummingbird

/// Which methods each path of a router has: what is asked of a path that is there, by a method that is not, is answered
/// 405 with `Allow` (RFC 9110, section 15.5.6). Hummingbird answers it 404 and has no option for it.
///
/// Looked at only after a 404. Paths are found by a second router of the same paths, so by Hummingbird's own rules.
struct RouteMethods<Context: RequestContext>: Sendable {
    private let paths: RouterResponder<Context>

    /// - Parameter router: one whose responder has been built, for that adds the routes of HEAD.
    init(of router: Router<Context>) {
        // In their order, which decides where more than one path fits.
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

    /// What a 404 becomes. A handler's own, of a route that there is, stays what it is, and so does everything but the
    /// status in what middleware has made of the router's.
    @inline(never)
    func corrected(_ response: Response, to request: Request, context: Context) async throws -> Response {
        var head = request.head
        head.method = .get
        let question = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        let answer = try await paths.respond(to: question, context: context)
        guard answer.status == .methodNotAllowed, let allowed = answer.headers[.allow],
            !allowed.split(separator: ", ").contains(Substring(request.method.rawValue))
        else { return response }
        var corrected = response
        corrected.status = .methodNotAllowed
        corrected.headers[.allow] = allowed
        return corrected
    }
}
