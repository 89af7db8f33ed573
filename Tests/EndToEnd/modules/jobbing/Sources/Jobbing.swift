import Gatehouse
import GatehouseDatabase
import GatehouseWeb
import Glibc

struct Work: Job {
    var number: Int
    var milliseconds: Int
}

struct Die: Job {}

/// A module whose jobs write down who has run them.
@main
struct Jobbing: HandlerModule {
    struct Settings: Decodable {
        var database: DatabaseSettings
        var lease: Duration
    }

    let database: Database
    let jobs: Jobs

    init(context: ModuleContext) async throws {
        let settings = try context.settings(Settings.self)
        let database = try Database(settings.database, context: context)
        let tables = Migration("tables") { transaction in
            try await transaction.execute(
                """
                CREATE TABLE run
                    (number INTEGER NOT NULL, pid INTEGER NOT NULL, attempt INTEGER NOT NULL, done INTEGER)
                """)
            try await transaction.execute("CREATE TABLE tick (due BIGINT NOT NULL, pid INTEGER NOT NULL)")
        }
        try await database.migrate(.jobs + [tables])
        self.database = database
        var jobSettings = JobSettings()
        jobSettings.lease = settings.lease
        jobSettings.interval = .milliseconds(200)
        jobs = Jobs(database: database, context: context, settings: jobSettings)
        jobs.handle(Work.self, backoff: .constant(.zero)) { job, context in
            try await database.execute(
                "INSERT INTO run (number, pid, attempt) VALUES (\(job.number), \(Int(getpid())), \(context.attempt))")
            try await Task.sleep(for: .milliseconds(job.milliseconds))
            try await database.transaction { transaction in
                try await transaction.execute(
                    "UPDATE run SET done = 1 WHERE number = \(job.number) AND attempt = \(context.attempt)")
                try await context.complete(in: transaction)
            }
        }
        jobs.handle(Die.self, attempts: 2, backoff: .constant(.zero)) { _, _ in _ = kill(getpid(), SIGKILL) }
        jobs.every(.seconds(1), "tick") { context in
            let due = Int(context.scheduledAt?.timeIntervalSince1970 ?? 0)
            try await database.execute("INSERT INTO tick (due, pid) VALUES (\(due), \(Int(getpid())))")
        }
    }

    var services: [any Service] { [database, jobs] }

    func routes(_ router: Router<GatewayRequestContext>) {
        router.post("/work/:count/:milliseconds") { [jobs] _, context in
            let count = try context.parameters.require("count", as: Int.self)
            let milliseconds = try context.parameters.require("milliseconds", as: Int.self)
            for number in 0..<count { try await jobs.enqueue(Work(number: number, milliseconds: milliseconds)) }
            return "enqueued\n"
        }
        router.get("/wait/:milliseconds") { [database] _, context in
            let milliseconds = try context.parameters.require("milliseconds", as: Int.self)
            try await database.execute(
                "INSERT INTO run (number, pid, attempt) VALUES (\(-1), \(Int(getpid())), \(0))")
            try await Task.sleep(for: .milliseconds(milliseconds))
            return "waited\n"
        }
        router.post("/die") { [jobs] _, _ in
            try await jobs.enqueue(Die())
            return "enqueued\n"
        }
    }
}
