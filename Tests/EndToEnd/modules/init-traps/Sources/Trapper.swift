import Gatehouse

@main
struct Trapper: HandlerModule {
    init(context: ModuleContext) async throws {
        fatalError("this module cannot be made")
    }

    func routes(_ router: Router<GatewayRequestContext>) {}
}
