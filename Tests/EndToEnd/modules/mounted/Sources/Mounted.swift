import Gatehouse

/// Answers with its mount path and the path that it was asked for.
@main
struct Mounted: HandlerModule {
    init(context: ModuleContext) async throws {}

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/**") { request, context in "mounted at \(context.mountPath), asked for \(request.uri.path)\n" }
        router.get("/") { request, context in "mounted at \(context.mountPath), asked for \(request.uri.path)\n" }
    }
}
