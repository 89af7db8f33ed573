import Gatehouse

/// The same request, its body read as a form.
struct URLEncodedContext: RequestContext {
    typealias Source = GatewayRequestContextSource

    var coreContext: CoreRequestContextStorage
    var requestDecoder: URLEncodedFormDecoder { URLEncodedFormDecoder() }

    init(source: GatewayRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }

    init(_ context: GatewayRequestContext) {
        coreContext = context.coreContext
    }
}
