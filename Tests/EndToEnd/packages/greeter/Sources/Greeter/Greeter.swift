import Gatehouse
import Greetings

/// Answers with what its dependency says.
@main
struct Greeter: HandlerModule {
    init(context: ModuleContext) async throws {}

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/") { _, _ in Greeting(name: "Ann").text + "\n" }
        // Only an error of the worker's own type has its status.
        router.get("/gone") { _, _ -> String in throw HTTPError(.gone) }
    }
}
