import Gatehouse
import GatehouseDatabase
import GatehouseWeb
import Glibc

/// A module whose sessions are in a database.
@main
struct Remembering: HandlerModule {
    struct Settings: Decodable { var database: DatabaseSettings }

    let database: Database
    let stack: WebStack<WebContext>

    init(context: ModuleContext) async throws {
        database = try Database(context.settings(Settings.self).database, context: context)
        try await database.migrate(.sessions)
        stack = try WebStack(context: context, sessionsIn: database)
    }

    var services: [any Service] { [database] }

    func routes(_ router: Router<WebContext>) {
        stack.add(to: router)
        router.get("/") { _, context in
            let numbers = (0..<100).filter { context.session["value \($0)", as: Int.self] != nil }
            let values = numbers.map(String.init).joined(separator: ",")
            return "\(getpid()) \(context.session.owner ?? "nobody") \(values)\n"
        }
        router.post("/value/:number") { _, context in
            let number = try context.parameters.require("number", as: Int.self)
            context.session["value \(number)"] = number
            return "\(getpid())\n"
        }
        router.post("/sign-in/:name") { _, context in
            context.session.renew()
            context.session.owner = try context.parameters.require("name")
            return "\(getpid())\n"
        }
        router.post("/sign-out-elsewhere") { [database] _, context in
            let owner = context.session.owner ?? ""
            return "\(try await DatabaseSessions(database).revoke(allOf: owner, except: context.session))\n"
        }
    }
}
