import Gatehouse

/// Never comes to the end of its `init`.
@main
struct Hanger: HandlerModule {
    init(context: ModuleContext) async throws {
        try await Task.sleep(for: .seconds(3600))
    }

    func routes(_ router: Router<GatewayRequestContext>) {}
}
