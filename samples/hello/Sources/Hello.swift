import Gatehouse

@main
struct Hello: HandlerModule {
    init(context: ModuleContext) async throws {}

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/") { _, context in
            "Hello from Gatehouse. Try \(context.mountPath)/hello\n"
        }
        router.get("/hello") { _, _ in
            "Hello from Gatehouse\n"
        }
        router.get("/hello/{name}") { _, context in
            "Hello, \(context.parameters.get("name") ?? "you")\n"
        }
    }
}
