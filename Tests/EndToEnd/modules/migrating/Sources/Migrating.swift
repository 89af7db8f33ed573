import Gatehouse
import GatehouseDatabase

/// A module whose database has a schema: the tests write the migrations.
@main struct Migrating: HandlerModule {
    struct Settings: Decodable {
        var database: DatabaseSettings
        /// The folder of the migrations.
        var migrations: String
        var byCommand: Bool?
    }

    let database: Database

    init(context: ModuleContext) async throws {
        let settings = try context.settings(Settings.self)
        database = try Database(settings.database, context: context)
        try await database.migrate(
            .files(in: settings.migrations), settings.byCommand == true ? .byCommand : .atStart)
    }

    var services: [any Service] { [database] }

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/count") { [database] _, _ in
            let count = try await database.one("SELECT count(*) FROM note", Int.self)
            return "\(count) notes\n"
        }
    }
}
