import DatabaseTestSupport
import Gatehouse
import GatehouseDatabase
import GatehouseTesting
import GatehouseWeb
import Testing

/// A module with jobs, tested as its author would.
struct JobModuleTests {
    struct Greet: Job { var name: String }
    struct Tell: Job { var name: String }

    struct Module: HandlerModule {
        struct Settings: Decodable { var database: DatabaseSettings }

        let database: Database
        let jobs: Jobs

        init(context: ModuleContext) async throws {
            let database = try Database(context.settings(Settings.self).database, context: context)
            let table = Migration("greetings") { transaction in
                try await transaction.execute("CREATE TABLE greeting (name VARCHAR(50) NOT NULL)")
            }
            try await database.migrate(.jobs + [table])
            self.database = database
            let jobs = Jobs(database: database, context: context)
            jobs.handle(Greet.self) { job, context in
                if job.name == "fail" { throw JobFailure.permanent("as you asked") }
                try await database.transaction { transaction in
                    try await transaction.execute("INSERT INTO greeting VALUES (\(job.name))")
                    try await jobs.enqueue(Tell(name: job.name), in: transaction)
                    try await context.complete(in: transaction)
                }
            }
            jobs.handle(Tell.self) { job, _ in
                try await database.execute("INSERT INTO greeting VALUES (\(job.name + "!"))")
            }
            self.jobs = jobs
        }

        var services: [any Service] { [database, jobs] }

        func routes(_ router: Router<GatewayRequestContext>) {
            router.post("/:name") { [database, jobs] _, context in
                let name = try context.parameters.require("name")
                try await database.transaction { try await jobs.enqueue(Greet(name: name), in: $0) }
                return HTTPResponse.Status.accepted
            }
        }
    }

    private func test(_ place: JobPlace, _ body: @escaping @Sendable (ModuleTester) async throws -> Void) async throws {
        switch place {
        case .sqlite: try await ModuleTester.run(Module.self, database: .sqlite, body)
        case .postgres:
            let server = try await PostgresServer.shared
            try await server.withDatabase {
                try await ModuleTester.run(Module.self, database: .postgres(url: server.url($0)), body)
            }
        case .mariadb:
            let server = try await MariaDBServer.shared
            try await server.withDatabase {
                try await ModuleTester.run(Module.self, database: .mysql(url: server.url($0)), body)
            }
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a test runs what is due, and what that enqueues`(_ place: JobPlace) async throws {
        try await test(place) { module async throws in
            #expect(try await module.post("/ann", text: "").status == .accepted)
            #expect(try await module.database.one("SELECT count(*) FROM greeting", Int.self) == 0)
            #expect(try await module.runJobs() == 2)
            #expect(
                try await module.database.all("SELECT name FROM greeting ORDER BY name", String.self) == [
                    "ann", "ann!",
                ])
            #expect(try await module.runJobs() == 0)
            #expect(try await module.post("/fail", text: "").status == .accepted)
            await #expect(throws: JobFailure.self) { try await module.runJobs() }
        }
    }
}
