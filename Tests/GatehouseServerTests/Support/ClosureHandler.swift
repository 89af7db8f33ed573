import GatehouseServer
import HummingbirdCore

/// A handler made of a closure.
struct ClosureHandler: MountedHandler {
    var name = "test"
    var execution = HandlerExecution.eventLoop
    let closure: @Sendable (Request, GatewayRequest) async throws -> Response

    func respond(to request: Request, gateway: GatewayRequest) async throws -> Response {
        try await closure(request, gateway)
    }
}
