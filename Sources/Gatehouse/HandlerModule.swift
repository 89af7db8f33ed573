public import GatehouseServer
public import Hummingbird
import Logging
public import ServiceLifecycle

/// A module: what turns requests into responses.
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
/// A module that brings a request context of its own names it in `routes`; that context's `Source` is
/// ``GatewayRequestContextSource``. One that brings a responder of its own instead of routes implements ``responder``.
public protocol HandlerModule: Sendable {
    /// What handlers get besides the request.
    associatedtype Context: RequestContext & InitializableFromSource<GatewayRequestContextSource> =
        GatewayRequestContext
    associatedtype Responder: HTTPResponder<Context> = RoutesResponder<Context>

    /// Makes the module, once in each worker, before the worker says that it is ready.
    /// - Throws: where the module cannot work. The worker then does not start, and says why.
    init(context: ModuleContext) async throws

    /// Adds the module's routes; paths are relative to where it is mounted.
    func routes(_ router: Router<Context>)

    /// Answers the module's requests. By default, the router that `routes` has filled.
    var responder: Responder { get async throws }

    /// What runs beside the handlers, such as a database client: started before the worker says that it is ready, and
    /// stopped after its last request.
    var services: [any Service] { get }

    /// Where the handlers run. By default on the event loop of the request's connection.
    static var execution: HandlerExecution { get }
}

extension HandlerModule {
    public func routes(_ router: Router<Context>) {}

    public var services: [any Service] { [] }

    public static var execution: HandlerExecution { .eventLoop }

    /// The entry of `@main`: offers the type to the worker that is loading it, or, in a program of its own, serves.
    public static func main() {
        if ModuleRegistration.offer(Self.self) { return }
        StandaloneProgram.run(Self.self)
    }
}

extension HandlerModule where Context == GatewayRequestContext, Responder == RoutesResponder<GatewayRequestContext> {
    /// Never called. Without it, a module that has neither would only be told that it has no `Context`.
    @available(
        *, unavailable,
        message: "a module has func routes(_ router: Router<GatewayRequestContext>), or a responder: write one of them"
    )
    public func routes(_ router: Router<GatewayRequestContext>) {}
}

extension HandlerModule where Responder == RoutesResponder<Context> {
    public var responder: RoutesResponder<Context> {
        get async throws {
            // What answers GET answers HEAD: monitors ask so.
            let router = Router(context: Context.self, options: .autoGenerateHeadEndpoints)
            routes(router)
            if router.routes.isEmpty {
                let log = LineLogHandler(label: "\(Self.self)", level: .warning)
                Logger(label: "\(Self.self)") { _ in log }
                    .warning("the module has no routes: it answers 404 to everything")
            }
            let responder = router.buildResponder()
            return RoutesResponder(router: responder, methods: RouteMethods(of: router))
        }
    }
}
