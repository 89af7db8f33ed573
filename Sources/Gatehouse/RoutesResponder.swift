public import Hummingbird

/// The responder of a module that has routes: the router that ``HandlerModule/routes(_:)`` has filled.
///
/// A type of its own, because by it the compiler tells a module that should have routes from one that brings a
/// responder, a router's too.
public struct RoutesResponder<Context: RequestContext>: HTTPResponder {
    let router: RouterResponder<Context>
    let methods: RouteMethods<Context>

    public func respond(to request: Request, context: Context) async throws -> Response {
        let response = try await router.respond(to: request, context: context)
        guard response.status.code == 404 else { return response }
        return try await methods.corrected(response, to: request, context: context)
    }
}
