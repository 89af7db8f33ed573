import Gatehouse
import GatehouseDatabase
import GatehouseWeb
import ServiceLifecycle

/// Notes in a database: SQLite, PostgreSQL, MySQL or MariaDB, whichever the settings name.
@main
struct Notes: HandlerModule {
    struct Settings: Decodable {
        /// `settings: database: …`. No optional: a key that is misspelt would serve an empty file in its place.
        var database: DatabaseSettings
    }

    let database: Database
    /// Refuses forms of other sites' pages: those here carry no secret that would tell.
    let protection: CrossOriginProtection<GatewayRequestContext>

    init(context: ModuleContext) async throws {
        database = try Database(context.settings(Settings.self).database, context: context)
        protection = try CrossOriginProtection()
        try await database.migrate(.files(in: context.resourceFolder + "/migrations"))
    }

    var services: [any Service] { [database] }

    func routes(_ router: Router<GatewayRequestContext>) {
        router.add(middleware: protection)
        NoteRoutes(store: NoteStore(database: database)).add(to: router)
    }
}
