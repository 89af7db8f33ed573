public import GatehouseServer
public import Hummingbird
import Logging
public import ServiceLifecycle

/// A module: code that turns requests into responses.
///
/// ```swift
/// import Gatehouse
///
/// @main
/// struct Guestbook: HandlerModule {
///     init(context: ModuleContext) async throws {}
///
///     func routes(_ router: Router<GatewayRequestContext>) {
///         router.get("/") { _, context in "Hello from \(context.mountPath)/" }
///     }
/// }
/// ```
///
/// `gatehouse build` makes it a `.so` that `gatehouse serve` loads; `swift run` runs the same source by itself.
///
/// A module with a request context of its own names it in `routes`; that context's `Source` is
/// ``GatewayRequestContextSource``. A module with a responder of its own instead of routes implements ``responder``.
public protocol HandlerModule: Sendable {
    /// The context that handlers get besides the request; by default ``GatewayRequestContext``.
    associatedtype Context: RequestContext & InitializableFromSource<GatewayRequestContextSource> =
        GatewayRequestContext

    /// The type of ``responder``; by default the router that ``routes(_:)`` has filled.
    associatedtype Responder: HTTPResponder<Context> = RoutesResponder<Context>

    /// Makes the module, once in each worker, before the worker says that it is ready.
    /// - Throws: if the module cannot work. The worker then does not start, and its log has the error.
    init(context: ModuleContext) async throws

    /// Adds the module's routes; paths are relative to the place where it is mounted.
    func routes(_ router: Router<Context>)

    /// Answers the module's requests; by default the router that `routes` has filled. Read once in each worker, after
    /// `init`.
    /// - Throws: if the module cannot work, as `init` does.
    var responder: Responder { get async throws }

    /// Services that run beside the handlers, such as a database client: started before the worker says that it is
    /// ready, and stopped after its last request. By default none.
    var services: [any Service] { get }

    /// The threads that the handlers run on; by default the event loop of the request's connection.
    static var execution: HandlerExecution { get }
}

extension HandlerModule {
    /// Adds no routes, for modules with a responder of their own.
    public func routes(_ router: Router<Context>) {}

    /// No services.
    public var services: [any Service] { [] }

    /// The event loop of the request's connection.
    public static var execution: HandlerExecution { .eventLoop }

    /// The entry of `@main`: offers the type to the worker that is loading it, or serves it in a program of its own.
    public static func main() {
        if ModuleRegistration.offer(Self.self) { return }
        StandaloneProgram.run(Self.self)
    }
}

extension HandlerModule where Context == GatewayRequestContext, Responder == RoutesResponder<GatewayRequestContext> {
    /// Never called: it gives the compiler a message for a module with neither routes nor a responder, which would
    /// otherwise be told only that it has no `Context`.
    @available(
        *, unavailable,
        message: "a module has func routes(_ router: Router<GatewayRequestContext>), or a responder: write one of them"
    )
    public func routes(_ router: Router<GatewayRequestContext>) {}
}

extension HandlerModule where Responder == RoutesResponder<Context> {
    /// The router that ``routes(_:)`` has filled. Routes of GET answer HEAD as well.
    public var responder: RoutesResponder<Context> {
        get async throws {
            // Monitors ask by HEAD.
            let router = Router(context: Context.self, options: .autoGenerateHeadEndpoints)
            routes(router)
            if router.routes.isEmpty {
                let log = LineLogHandler(label: "\(Self.self)", level: .warning)
                Logger(label: "\(Self.self)") { _ in log }
                    .warning("the module has no routes: it answers 404 to everything")
            }
            // Adds the routes of HEAD, which are among a path's methods.
            _ = router.buildResponder()
            let methods = RouteMethods(of: router)
            // Behind all routes, so that it is around the router's own 404 alone.
            router.add(middleware: MethodNaming(methods: methods))
            let responder = router.buildResponder()
            return RoutesResponder(
                router: responder, methods: methods, known: KnownPaths(responder, paths: router.routes.map(\.path)))
        }
    }
}
