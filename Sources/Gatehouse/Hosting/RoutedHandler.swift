import GatehouseServer
import Hummingbird
import Logging

/// What ``ModuleHandler`` is for any responder, for the responder that nearly every module has: written out, the
/// compiler makes the router's code for this very context, without generics.
final class RoutedHandler: MountedHandler {
    let name: String
    let execution: HandlerExecution
    let responder: RouterResponder<GatewayRequestContext>
    /// `nil` where the module has made its router itself, and with it decides what that answers.
    let methods: RouteMethods<GatewayRequestContext>?
    let log: LineLogHandler

    init(
        name: String, execution: HandlerExecution, responder: RouterResponder<GatewayRequestContext>,
        methods: RouteMethods<GatewayRequestContext>?, log: LineLogHandler
    ) {
        self.name = name
        self.execution = execution
        self.responder = responder
        self.methods = methods
        self.log = log
    }

    @inline(__always)
    func respond(to request: Request, gateway: GatewayRequest) async throws -> Response {
        let logger = Logger(label: name) { _ in log.with(gateway) }
        let context = GatewayRequestContext(source: GatewayRequestContextSource(logger: logger, gateway: gateway))
        // It turns HTTP errors into responses itself.
        let response = try await responder.respond(to: request, context: context)
        guard response.status.code == 404, let methods else { return response }
        return try await methods.corrected(response, to: request, context: context)
    }
}
