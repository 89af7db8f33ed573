package import HummingbirdCore

/// What answers the requests of one mount.
package protocol MountedHandler: Sendable {
    /// The module's name, for logs.
    var name: String { get }
    var execution: HandlerExecution { get }
    func respond(to request: Request, gateway: GatewayRequest) async throws -> Response
}
