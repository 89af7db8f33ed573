package import HummingbirdCore

/// What answers the requests of one mount. A class, because every request holds on to its handler: one reference is
/// counted faster than the parts of a struct.
package protocol MountedHandler: AnyObject, Sendable {
    /// The module's name, for logs.
    var name: String { get }
    var execution: HandlerExecution { get }
    func respond(to request: Request, gateway: GatewayRequest) async throws -> Response
}
