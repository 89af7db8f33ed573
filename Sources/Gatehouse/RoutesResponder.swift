public import Hummingbird

/// The responder of a module that has routes: the router that ``HandlerModule/routes(_:)`` has filled.
///
/// A type of its own, because by it the compiler tells a module that should have routes from one that brings a
/// responder, a router's too.
public struct RoutesResponder<Context: RequestContext>: HTTPResponder {
    let router: RouterResponder<Context>

    public func respond(to request: Request, context: Context) async throws -> Response {
        try await router.respond(to: request, context: context)
    }
}
