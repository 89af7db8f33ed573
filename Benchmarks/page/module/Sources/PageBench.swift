import FoundationEssentials
import Gatehouse
import GatehouseDatabase
import GatehouseWeb

/// The page of `scripts/bench --page`.
@main
struct PageBench: HandlerModule {
    struct Settings: Decodable {
        var database: DatabaseSettings
    }

    struct Entry: Codable, Sendable {
        var id: Int
        var title: String
        var author: String
        var body: String
        var written: Date
        var edited: Bool
    }

    let database: Database
    let views: Views

    init(context: ModuleContext) async throws {
        database = try Database(context.settings(Settings.self).database, context: context)
        views = try Views(context: context)
    }

    var services: [any Service] { [database] }

    func routes(_ router: Router<WebContext>) {
        router.get("/hello") { _, _ in "Hello from Gatehouse.\n" }
        router.get("/entries") { [database, views] _, context in
            let entries = try await database.all(
                "SELECT id, title, author, body, written, edited FROM entry ORDER BY id DESC LIMIT 50",
                as: Entry.self)
            return try views.page("entries", ["entries": entries], context)
        }
    }
}
