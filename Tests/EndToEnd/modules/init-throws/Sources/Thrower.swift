import Gatehouse

/// Throws in `init`.
@main
struct Thrower: HandlerModule {
    struct DatabaseIsAway: Error {}

    init(context: ModuleContext) async throws {
        throw DatabaseIsAway()
    }

    func routes(_ router: Router<GatewayRequestContext>) {}
}
