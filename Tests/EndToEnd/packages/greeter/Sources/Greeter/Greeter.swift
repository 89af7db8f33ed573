import Gatehouse
import Greetings

/// Answers with its dependency's text.
@main
struct Greeter: HandlerModule {
    init(context: ModuleContext) async throws {}

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/") { _, _ in Greeting(name: "Ann").text + "\n" }
        // The worker finds the error's status only if there is one copy of its type.
        router.get("/gone") { _, _ -> String in throw HTTPError(.gone) }
    }
}
