import Gatehouse

/// Gives back what it gets, in many ways, to the tests, the demo and the benchmarks.
@main
struct Echo: HandlerModule {
    let counters = Counters()

    init(context: ModuleContext) async throws {}

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/") { _, _ in "Echo: POST /echo gives back its body\n" }
        router.get("/hello") { _, _ in "Hello from Gatehouse\n" }
        BodyRoutes(counters: counters).add(to: router)
        StreamRoutes(counters: counters).add(to: router)
        FactRoutes(counters: counters).add(to: router)
        FaultRoutes(counters: counters).add(to: router)
    }
}
