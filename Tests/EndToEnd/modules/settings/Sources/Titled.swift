import Gatehouse

/// Answers with its settings.
@main
struct Titled: HandlerModule {
    struct Settings: Decodable {
        var title: String
        var count: Int
    }

    let settings: Settings

    init(context: ModuleContext) async throws {
        settings = try context.settings()
    }

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/") { [settings] _, _ in "\(settings.title) \(settings.count)\n" }
        router.get("/slow") { [settings] _, _ in
            try await Task.sleep(for: .milliseconds(20))
            return "\(settings.title) \(settings.count)\n"
        }
    }
}
