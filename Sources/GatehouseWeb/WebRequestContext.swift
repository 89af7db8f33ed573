public import Gatehouse
public import Hummingbird

/// A request context with which all parts of the application kit work.
///
/// ``WebContext`` and ``UserContext`` are two that are ready. One of your own needs a line for each requirement:
///
/// ```swift
/// struct AppContext: WebRequestContext {
///     typealias Source = GatewayRequestContextSource
///     var coreContext: CoreRequestContextStorage
///     let gateway: GatewayRequest
///     let values = RequestValues()
///     var language = "en"
///
///     init(source: GatewayRequestContextSource) {
///         coreContext = CoreRequestContextStorage(source: source)
///         gateway = source.gateway
///     }
/// }
/// ```
public protocol WebRequestContext: RequestContext {
    /// The front server's side of the request.
    var gateway: GatewayRequest { get }

    /// The values that the kit's parts keep for this request: session, nonce and so on.
    var values: RequestValues { get }
}

extension WebRequestContext {
    /// The place where the module is mounted: `/blog`, or empty at the root, so that `mountPath + "/page"` is always a
    /// link.
    public var mountPath: String { gateway.mountPath }
}

/// A context that knows who has signed in.
public protocol UserRequestContext: WebRequestContext {
    /// The module's own type of user.
    associatedtype User: Sendable

    /// The user who has signed in; `nil` for a visitor.
    var user: User? { get set }
}

/// The request context of a module without users.
public struct WebContext: WebRequestContext {
    /// The type that this context is made from.
    public typealias Source = GatewayRequestContextSource

    /// Hummingbird's part of the context.
    public var coreContext: CoreRequestContextStorage

    /// The front server's side of the request.
    public let gateway: GatewayRequest

    /// The values that the kit's parts keep for this request.
    public let values = RequestValues()

    /// Makes the context of one request. Gatehouse calls it, before any middleware.
    public init(source: GatewayRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        gateway = source.gateway
    }
}

/// The request context of a module whose users are of the type `User`.
public struct UserContext<User: Sendable>: UserRequestContext {
    /// The type that this context is made from.
    public typealias Source = GatewayRequestContextSource

    /// Hummingbird's part of the context.
    public var coreContext: CoreRequestContextStorage

    /// The front server's side of the request.
    public let gateway: GatewayRequest

    /// The values that the kit's parts keep for this request.
    public let values = RequestValues()

    /// The user who has signed in; `nil` for a visitor.
    public var user: User?

    /// Makes the context of one request. Gatehouse calls it, before any middleware.
    public init(source: GatewayRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        gateway = source.gateway
    }
}
