import Gatehouse
import GatehouseDatabase

/// A module with a database of any kind, whose handlers hold connections for as long as a test wants.
@main
struct Querying: HandlerModule {
    struct Settings: Decodable {
        var database: DatabaseSettings
    }

    let database: Database
    let context: ModuleContext

    init(context: ModuleContext) async throws {
        self.context = context
        database = try Database(context.settings(Settings.self).database, context: context)
    }

    var services: [any Service] { [database] }

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/value") { [database] _, _ in
            let value = try await database.one("SELECT 40 + \(2)", Int.self)
            return "\(value)\n"
        }
        // Keeps a connection until the test cancels it.
        router.get("/hold") { [database] _, _ -> String in
            try await database.transaction { transaction in
                _ = try await transaction.one("SELECT 1", Int.self)
                try await Task.sleep(for: .seconds(60))
            }
            return "held\n"
        }
        // Keeps none.
        router.get("/wait") { _, _ -> String in
            try await Task.sleep(for: .seconds(60))
            return "waited\n"
        }
        router.get("/count") { [database] _, _ in
            try await database.execute("CREATE TABLE IF NOT EXISTS visit (id INTEGER)")
            try await database.execute("INSERT INTO visit VALUES (1)")
            return "\(try await database.one("SELECT count(*) FROM visit", Int.self))\n"
        }
        router.get("/crash") { [database] _, _ -> String in
            _ = try await database.one("SELECT 1", Int.self)
            return await BlockingThreads.run { fatalError("as you asked") }
        }
        router.get("/folder") { [context] _, _ in try context.stateFolder }
    }
}
