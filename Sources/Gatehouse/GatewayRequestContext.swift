public import GatehouseServer
public import Hummingbird
public import Logging

/// The request context of modules that bring none of their own.
///
/// It adds ``gateway`` to Hummingbird's context: everything that the front server said about the request.
public struct GatewayRequestContext: RequestContext {
    /// The type that this context is made from; every module's context has the same.
    public typealias Source = GatewayRequestContextSource

    /// Hummingbird's part of the context: path parameters, the logger, and the decoders of bodies.
    public var coreContext: CoreRequestContextStorage

    /// The front server's side of the request: CGI variables, role, client, TLS facts, request id.
    public let gateway: GatewayRequest

    /// Makes the context of one request. Gatehouse calls it, before any middleware.
    public init(source: GatewayRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        gateway = source.gateway
    }

    /// The place where the module is mounted: `/blog`, or empty at the root, so that `mountPath + "/page"` is always a
    /// link.
    public var mountPath: String { gateway.mountPath }
}

/// The source of every request context: a context of your own has `typealias Source = GatewayRequestContextSource`, and
/// takes from it what it needs.
///
/// ```swift
/// struct AppContext: RequestContext {
///     typealias Source = GatewayRequestContextSource
///     var coreContext: CoreRequestContextStorage
///     let gateway: GatewayRequest
///     var user: String?
///
///     init(source: GatewayRequestContextSource) {
///         coreContext = CoreRequestContextStorage(source: source)
///         gateway = source.gateway
///     }
/// }
/// ```
public struct GatewayRequestContextSource: RequestContextSource {
    /// The module's logger; its records carry the request's id.
    public let logger: Logger

    /// The front server's side of the request.
    public let gateway: GatewayRequest

    package init(logger: Logger, gateway: GatewayRequest) {
        self.logger = logger
        self.gateway = gateway
    }
}
