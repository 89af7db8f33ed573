import Gatehouse

/// Traps in `init`, with a message.
@main
struct Trapper: HandlerModule {
    init(context: ModuleContext) async throws {
        fatalError("this module cannot be made")
    }

    func routes(_ router: Router<GatewayRequestContext>) {}
}
