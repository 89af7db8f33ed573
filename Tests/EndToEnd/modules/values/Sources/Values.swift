import FoundationEssentials
import Gatehouse
import GatehouseDatabase

/// Writes and reads one table, `every`, whose columns have a type each.
///
/// POST / inserts the rows of a JSON array and GET / answers with all rows, both in texts that lose nothing. The test
/// does the same by another client, and compares.
@main
struct Values: HandlerModule {
    struct Settings: Decodable { var database: DatabaseSettings }

    let database: Database

    init(context: ModuleContext) async throws {
        database = try Database(context.settings(Settings.self).database, context: context)
    }

    var services: [any Service] { [database] }

    func routes(_ router: Router<GatewayRequestContext>) {
        router.get("/") { [database] _, _ in
            try await database.all("SELECT * FROM every ORDER BY id", as: Every.self).map(Written.init)
        }
        router.get("/tuple/:id") { [database] _, context in
            let id = try context.parameters.require("id", as: Int.self)
            let (title, amount, moment) = try await database.one(
                "SELECT title, amount, moment FROM every WHERE id = \(id)", String?.self, Decimal?.self, Date?.self)
            return "\(title ?? "-") \(amount.map { "\($0)" } ?? "-") \(Written.text(moment) ?? "-")"
        }
        router.get("/count") { [database] request, _ in
            let titles = request.uri.queryParameters.getAll("title").map { String($0) }
            let wanted = try await database.one(
                "SELECT count(*) FROM every WHERE title IN \(list: titles)", Int.self)
            let others = try await database.one(
                "SELECT count(*) FROM every WHERE title NOT IN \(list: titles)", Int.self)
            return "\(wanted) \(others)"
        }
        router.post("/") { [database] request, context in
            let rows = try await request.decode(as: [Written].self, context: context)
            for row in rows { try await database.insert(row.every(), into: "every") }
            return "\(rows.count)"
        }
    }
}
