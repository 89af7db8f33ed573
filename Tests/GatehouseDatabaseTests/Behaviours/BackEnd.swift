import DatabaseTestSupport
import GatehouseDatabase
import Synchronization
import TestSupport

/// The databases that one API stands for; a behaviour is tested over each that can have it.
enum BackEnd: String, CaseIterable, Sendable {
    case postgreSQL, mariaDB, sqlite

    /// Back ends with a server, from which a connection can be lost.
    static let servers: [BackEnd] = [.postgreSQL, .mariaDB]

    /// Runs a test with an empty database of its own.
    /// - Parameter change: changes the settings, whose `url` is the database's.
    func withDatabase(
        isolation: isolated (any Actor)? = #isolation, _ change: (inout DatabaseSettings) -> Void = { _ in },
        _ body: (Database, Place) async throws -> Void
    ) async throws {
        switch self {
        case .postgreSQL, .mariaDB:
            let server = try await sharedServer
            try await server.withDatabase { name in
                let place = Place(self, url: server.url(name)) { try await server.query($0, in: name) }
                try await place.withDatabase(change) { try await body($0, place) }
            }
        case .sqlite:
            let folder = try TemporaryFolder()
            let file = folder.path + "/data.sqlite"
            let place = Place(self, url: "sqlite:\(file)") { sql in
                try await SQLiteObserver.shared.query(sql, in: file)
            }
            try await place.withDatabase(change) { try await body($0, place) }
            withExtendedLifetime(folder) {}
        }
    }

    /// The server that all tests share.
    var sharedServer: any DatabaseServer {
        get async throws {
            if self == .mariaDB { try await MariaDBServer.shared } else { try await PostgresServer.shared }
        }
    }

    /// A statement that takes a time and gives one row.
    func sleep(milliseconds: Int) -> SQL {
        switch self {
        case .postgreSQL: "SELECT 1 FROM pg_sleep(\(Double(milliseconds) / 1000))"
        case .mariaDB: "SELECT SLEEP(\(Double(milliseconds) / 1000))"
        case .sqlite:
            // SQLite cannot sleep; some ten million steps a second.
            """
            WITH RECURSIVE step(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM step WHERE n < \(milliseconds * 3_000))
            SELECT max(n) FROM step
            """
        }
    }

    /// The number of the server's session; `nil` if there is no server.
    var session: SQL? {
        switch self {
        case .postgreSQL: "SELECT pg_backend_pid()"
        case .mariaDB: "SELECT CONNECTION_ID()"
        case .sqlite: nil
        }
    }
}

/// A test's database, by its URL and by another program.
struct Place: Sendable {
    let backEnd: BackEnd
    let url: String
    private let ask: @Sendable (String) async throws -> [[String?]]

    init(_ backEnd: BackEnd, url: String, ask: @escaping @Sendable (String) async throws -> [[String?]]) {
        self.backEnd = backEnd
        self.url = url
        self.ask = ask
    }

    /// The rows of a statement, by the server's own client.
    func query(_ sql: String) async throws -> [[String?]] { try await ask(sql) }

    /// The first value of the first row, as a number.
    func count(_ sql: String) async throws -> Int? {
        try await query(sql).first?.first.flatMap { $0.flatMap { Int($0) } }
    }

    /// Runs a test with a `Database` of this place, and closes that afterwards.
    func withDatabase<Value>(
        isolation: isolated (any Actor)? = #isolation, _ change: (inout DatabaseSettings) -> Void = { _ in },
        _ body: (Database) async throws -> Value
    ) async throws -> Value {
        var settings = DatabaseSettings(url: url)
        // A machine that is busy with other tests must not decide what is tested.
        settings.wait = .seconds(30)
        settings.statementTimeout = .seconds(30)
        settings.idleTransactionTimeout = .seconds(60)
        change(&settings)
        let database = try Database(settings, context: testContext())
        do {
            let value = try await body(database)
            await database.source.shutDown()
            return value
        } catch {
            await database.source.shutDown()
            throw error
        }
    }

    /// Sessions of the module's user in this database, by the server's word.
    func sessions() async throws -> Int {
        switch backEnd {
        case .postgreSQL:
            try await count(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'gatehouse'")
                ?? -1
        case .mariaDB:
            try await count(
                "SELECT count(*) FROM information_schema.processlist WHERE db = database() AND user = 'gatehouse'")
                ?? -1
        case .sqlite: 0
        }
    }

    /// Transactions that are open in this database, by the server's word.
    func openTransactions() async throws -> Int {
        switch backEnd {
        case .postgreSQL:
            try await count(
                """
                SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'gatehouse' \
                AND state LIKE 'idle in transaction%'
                """) ?? -1
        case .mariaDB:
            try await count(
                """
                SELECT count(*) FROM information_schema.innodb_trx t JOIN information_schema.processlist p \
                ON p.id = t.trx_mysql_thread_id WHERE p.db = database() AND p.user = 'gatehouse'
                """) ?? -1
        case .sqlite: 0
        }
    }
}

/// Waits until a fact holds, and fails after ten seconds.
func until(_ fact: String, _ holds: () async throws -> Bool) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(10)
    while try await !holds() {
        guard clock.now < deadline else { throw Late(description: "not within ten seconds: \(fact)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}

struct Late: Error, CustomStringConvertible {
    var description: String
}

/// A value that several tasks of a test change.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    func withLock<Result>(_ body: (inout sending Value) throws -> sending Result) rethrows -> sending Result {
        try mutex.withLock(body)
    }
}
