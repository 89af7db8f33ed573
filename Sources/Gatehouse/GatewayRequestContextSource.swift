public import GatehouseServer
public import Hummingbird
public import Logging

/// What a request context is made of. Conform your own context with `typealias Source = GatewayRequestContextSource`.
public struct GatewayRequestContextSource: RequestContextSource {
    /// The module's logger; its records carry the request's id.
    public let logger: Logger
    /// What the front server said about the request.
    public let gateway: GatewayRequest

    package init(logger: Logger, gateway: GatewayRequest) {
        self.logger = logger
        self.gateway = gateway
    }
}
