import Gatehouse

@_silgen_name("gatehouse_test_symbol_that_nobody_defines")
func nobodyDefinesThis() -> Int32

@main
struct Unlinked: HandlerModule {
    init(context: ModuleContext) async throws {}

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/") { _, _ in "\(nobodyDefinesThis())\n" }
    }
}
