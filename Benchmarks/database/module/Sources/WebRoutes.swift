import Gatehouse
import GatehouseDatabase

/// Requests with one query each, for the front server.
struct WebRoutes {
    let database: Database

    func add(to router: Router<GatewayRequestContext>) {
        router.get("/hello") { _, _ in "Hello from Gatehouse.\n" }
        router.get("/post/:id") { [database] _, context in
            let id = try context.parameters.require("id", as: Int.self)
            return try await explained {
                try await database.one("SELECT id, title FROM t WHERE id = \(id)", as: Title.self)
            }
        }
        router.get("/write") { [database] _, _ in
            _ = try await explained {
                try await database.execute("INSERT INTO writes VALUES (\(Int.random(in: 0..<1_000_000)))")
            }
            return "written\n"
        }
    }

    /// The answer of `body`; the kind of its error goes to the client, for the benchmark to count.
    private func explained<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
        do {
            return try await body()
        } catch let error as DatabaseError {
            throw HTTPError(error.status, message: "\(error.kind): \(error.sqlState ?? "") \(error.message)")
        }
    }
}
