import Gatehouse
import GatehouseDatabase
import ServiceLifecycle

/// Notes in a database: SQLite, PostgreSQL, MySQL or MariaDB, whichever the settings name.
@main
struct Notes: HandlerModule {
    struct Settings: Decodable {
        /// `settings: database: …`; an SQLite file in the module's state folder if there is none.
        var database: DatabaseSettings?
    }

    let database: Database

    init(context: ModuleContext) async throws {
        let settings = try context.settings(Settings.self)
        database = try Database(settings.database ?? DatabaseSettings(), context: context)
        try await database.migrate(.files(in: context.resourceFolder + "/migrations"))
    }

    var services: [any Service] { [database] }

    func routes(_ router: Router<GatewayRequestContext>) {
        router.add(middleware: SameSite())
        NoteRoutes(store: NoteStore(database: database)).add(to: router)
    }
}
