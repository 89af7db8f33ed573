public import GatehouseServer
public import Hummingbird

/// The request context of modules that bring none of their own.
public struct GatewayRequestContext: RequestContext {
    public typealias Source = GatewayRequestContextSource

    public var coreContext: CoreRequestContextStorage
    /// What the front server said about the request: CGI variables, role, client, TLS facts, request id.
    public let gateway: GatewayRequest

    public init(source: GatewayRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        gateway = source.gateway
    }

    /// Where the module is mounted: `/blog`, or empty at the root, so that `mountPath + "/page"` is always a link.
    public var mountPath: String { gateway.mountPath }
}
