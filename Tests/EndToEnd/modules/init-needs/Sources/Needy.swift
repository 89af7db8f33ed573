import Gatehouse
import Glibc

/// Starts only if the file that its settings name exists, as other modules need a database.
@main
struct Needy: HandlerModule {
    struct Settings: Decodable {
        var file: String
    }

    struct FileIsMissing: Error {}

    init(context: ModuleContext) async throws {
        let settings: Settings = try context.settings()
        guard let file = fopen(settings.file, "r") else { throw FileIsMissing() }
        fclose(file)
    }

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/hello") { _, _ in "the file is there\n" }
    }
}
