import Gatehouse
import GatehouseDatabase
import Glibc

/// The module of `scripts/bench --database`: the routes that clients ask, and orders that the benchmark gives.
@main
struct DatabaseBench: HandlerModule {
    struct Settings: Decodable, Sendable {
        var postgres: String
        var mariadb: String
        var sqlite: String
        var webConnections: Int
    }

    /// The connections that the callers of the first table share: more of them cost more.
    private static let connections = 8

    /// By name: those of the first table; `web` for requests; `five` for the trials.
    let databases: [String: Database]

    init(context: ModuleContext) async throws {
        let settings = try context.settings(Settings.self)
        func database(_ url: String, connections: Int, wait: Duration = .seconds(5)) throws -> Database {
            var chosen = DatabaseSettings(url: url)
            chosen.connections = connections
            chosen.wait = wait
            return try Database(chosen, context: context)
        }
        databases = [
            "postgres": try database(settings.postgres, connections: Self.connections),
            "mariadb": try database(settings.mariadb, connections: Self.connections),
            "sqlite": try database(settings.sqlite, connections: 5),
            "web": try database(settings.postgres, connections: settings.webConnections),
            "five": try database(settings.postgres, connections: 5, wait: .seconds(2)),
        ]
    }

    var services: [any Service] { Array(databases.values) }

    func routes(_ router: Router<GatewayRequestContext>) {
        guard let web = databases["web"], let five = databases["five"] else { return }
        WebRoutes(database: web).add(to: router)
        LoadRoutes(databases: databases).add(to: router)
        ResultRoutes(database: five).add(to: router)
        CancelRoutes(database: five).add(to: router)
        QueueRoutes(database: five).add(to: router)
    }
}

/// A row of the table that all clients ask.
struct Title: Codable, Sendable, ResponseEncodable {
    var id: Int
    var title: String
}

/// A wrong answer of the database.
struct WrongAnswer: Error {}

/// Times in seconds.
enum Clock {
    static var now: Double { read(CLOCK_MONOTONIC) }

    /// User and system time of the process.
    static var processCPU: Double { read(CLOCK_PROCESS_CPUTIME_ID) }

    /// User and system time of the calling thread.
    static var threadCPU: Double { read(CLOCK_THREAD_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

extension Request {
    func text(_ name: Substring) -> String? { uri.queryParameters[name].map(String.init) }

    func number(_ name: Substring, _ otherwise: Int) -> Int { text(name).flatMap { Int($0) } ?? otherwise }
}
