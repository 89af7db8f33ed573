import GatehouseServer
import HummingbirdCore

/// A handler made of a closure.
final class ClosureHandler: MountedHandler {
    let name: String
    let execution: HandlerExecution
    private let closure: @Sendable (Request, GatewayRequest) async throws -> Response

    init(
        name: String = "test", execution: HandlerExecution = .eventLoop,
        closure: @escaping @Sendable (Request, GatewayRequest) async throws -> Response
    ) {
        self.name = name
        self.execution = execution
        self.closure = closure
    }

    func respond(to request: Request, gateway: GatewayRequest) async throws -> Response {
        try await closure(request, gateway)
    }
}
