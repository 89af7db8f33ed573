import Gatehouse
import Glibc

/// Handlers on threads that may be blocked, one of which crashes the worker.
@main
struct Blocker: HandlerModule {
    static var execution: HandlerExecution { .blocking }

    init(context: ModuleContext) async throws {}

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/hello") { _, _ in "hello\n" }
        router.get("/block") { _, _ in
            sleep(60)
            return "never\n"
        }
        router.get("/crash") { _, _ -> String in fatalError("as you asked") }
    }
}
