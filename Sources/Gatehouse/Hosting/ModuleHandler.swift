import GatehouseServer
import Hummingbird
import Logging

/// A module's responder under the engine: makes the request's logger and context, and turns HTTP errors into responses.
final class ModuleHandler<Responder: HTTPResponder>: MountedHandler
where Responder.Context: RequestContext & InitializableFromSource<GatewayRequestContextSource> {
    let name: String
    let execution: HandlerExecution
    let responder: Responder
    let log: LineLogHandler

    init(name: String, execution: HandlerExecution, responder: Responder, log: LineLogHandler) {
        self.name = name
        self.execution = execution
        self.responder = responder
        self.log = log
    }

    func respond(to request: Request, gateway: GatewayRequest) async throws -> Response {
        let logger = Logger(label: name) { _ in log.with(gateway) }
        let context = Responder.Context(source: GatewayRequestContextSource(logger: logger, gateway: gateway))
        do {
            return try await responder.respond(to: request, context: context)
        } catch let error as any HTTPResponseError {
            return try error.response(from: request, context: context)
        }
    }
}

/// ``ModuleHandler`` for the responder that nearly every module has. Written out without generics, so that the compiler
/// specialises the router's code for this very context.
final class RoutedHandler: MountedHandler {
    let name: String
    let execution: HandlerExecution
    let responder: RouterResponder<GatewayRequestContext>
    /// `nil` if the module has made its router itself: that answers as Hummingbird's does.
    let methods: RouteMethods<GatewayRequestContext>?
    let known: KnownPaths<GatewayRequestContext>?
    let log: LineLogHandler

    init(
        name: String, execution: HandlerExecution, responder: RouterResponder<GatewayRequestContext>,
        methods: RouteMethods<GatewayRequestContext>?, known: KnownPaths<GatewayRequestContext>?, log: LineLogHandler
    ) {
        self.name = name
        self.execution = execution
        self.responder = responder
        self.methods = methods
        self.known = known
        self.log = log
    }

    @inline(__always)
    func respond(to request: Request, gateway: GatewayRequest) async throws -> Response {
        let logger = Logger(label: name) { _ in log.with(gateway) }
        let context = GatewayRequestContext(source: GatewayRequestContextSource(logger: logger, gateway: gateway))
        let response = try await route(request, context)
        guard response.status.code == 404, let methods else { return response }
        return try await methods.corrected(response, to: request, context: context)
    }
    /// Does what Hummingbird's router does, without a search if the path is known.
    @inline(__always)
    private func route(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        guard let endpoint = known?.endpoint(of: request.uri), let responder = endpoint.responder(for: request.method)
        else {
            return try await responder.respond(to: request, context: context)
        }
        do {
            context.coreContext.endpointPath.value = endpoint.path
            return try await responder.respond(to: request, context: context)
        } catch let error as any HTTPResponseError {
            return try error.response(from: request, context: context)
        }
    }
}
