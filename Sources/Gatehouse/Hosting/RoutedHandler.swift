import GatehouseServer
import Hummingbird
import Logging

/// What ``ModuleHandler`` is for any responder, for the responder that nearly every module has: written out, the
/// compiler makes the router's code for this very context, without generics.
struct RoutedHandler: MountedHandler {
    let name: String
    let execution: HandlerExecution
    let responder: RouterResponder<GatewayRequestContext>
    let log: LineLogHandler

    @inline(__always)
    func respond(to request: Request, gateway: GatewayRequest) async throws -> Response {
        let logger = Logger(label: name) { _ in log.with(gateway) }
        let context = GatewayRequestContext(source: GatewayRequestContextSource(logger: logger, gateway: gateway))
        // It turns HTTP errors into responses itself.
        return try await responder.respond(to: request, context: context)
    }
}
