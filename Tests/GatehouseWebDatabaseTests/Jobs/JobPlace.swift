import DatabaseTestSupport
import FoundationEssentials
import Gatehouse
import GatehouseDatabase
import Logging
import NIOPosix
import ServiceLifecycle
import Synchronization
import TestSupport

@testable import GatehouseWeb

/// The databases that jobs are tested over.
enum JobPlace: CaseIterable, Sendable {
    case sqlite, postgres, mariadb

    /// Runs a test with an empty database of its own, in which the tables of jobs are.
    func test(_ body: (JobTestDatabase) async throws -> Void) async throws {
        switch self {
        case .sqlite:
            let folder = try TemporaryFolder()
            try await JobTestDatabase.run("sqlite:\(folder.path)/jobs.sqlite", body)
            withExtendedLifetime(folder) {}
        case .postgres:
            let server = try await PostgresServer.shared
            try await server.withDatabase { try await JobTestDatabase.run(server.url($0), body) }
        case .mariadb:
            let server = try await MariaDBServer.shared
            try await server.withDatabase { try await JobTestDatabase.run(server.url($0), body) }
        }
    }
}

/// A database with the tables of jobs, and the workers of a test.
struct JobTestDatabase: Sendable {
    let url: String
    let database: Database

    static func run(_ url: String, _ body: (JobTestDatabase) async throws -> Void) async throws {
        let database = try open(url)
        do {
            try await database.migrate(.jobs)
            try await body(JobTestDatabase(url: url, database: database))
            await database.source.shutDown()
        } catch {
            await database.source.shutDown()
            throw error
        }
    }

    static func open(_ url: String, mode: ModuleMode = .production) throws -> Database {
        var settings = DatabaseSettings(url: url)
        // A machine that is busy with other tests must not decide what is tested.
        settings.wait = .seconds(30)
        settings.statementTimeout = .seconds(30)
        settings.lockTimeout = .seconds(30)
        settings.idleTransactionTimeout = .seconds(60)
        return try Database(settings, context: context(mode))
    }

    static func context(_ mode: ModuleMode, module: String = "Test") -> ModuleContext {
        ModuleContext(
            name: module, mountPath: "", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            resourceFolder: "Resources", stateFolder: nil, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            settings: "{}", settingsOrigin: "the test", mode: mode)
    }

    /// Jobs that nobody does but ``Jobs/runAll()``.
    func jobs(_ module: String = "Test", queue: String = "default") -> Jobs {
        Jobs(database: database, context: Self.context(.test, module: module), queue: queue)
    }

    /// Settings with which a test waits for nothing.
    static var quick: JobSettings {
        var settings = JobSettings()
        settings.interval = .milliseconds(50)
        settings.lease = .seconds(30)
        return settings
    }

    /// Runs a worker with connections of its own while `body` runs, and stops it by what `end` says.
    func working(
        _ settings: JobSettings = quick, prepare: (Jobs) throws -> Void, _ body: (Jobs) async throws -> Void
    ) async throws {
        let database = try Self.open(url)
        let jobs = Jobs(database: database, context: Self.context(.production), settings: settings)
        try prepare(jobs)
        let service = Task { try await jobs.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body(jobs)) } catch { result = .failure(error) }
        service.cancel()
        try await service.value
        await database.source.shutDown()
        try result.get()
    }

    func count(_ sql: SQL) async throws -> Int { try await database.one(sql, Int.self) }

    /// Jobs in the table.
    var left: Int { get async throws { try await count("SELECT count(*) FROM gatehouse_job") } }
}

/// Waits until a fact holds, and fails after twenty seconds.
func untilHeld(_ fact: String, _ holds: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while try await !holds() {
        guard ContinuousClock.now < deadline else { throw NotHeld(description: "not within twenty seconds: \(fact)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}

struct NotHeld: Error, CustomStringConvertible { var description: String }

/// A list that several tasks of a test write.
final class Notes<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    func add(_ element: Element) { elements.withLock { $0.append(element) } }

    var all: [Element] { elements.withLock { $0 } }
}

struct Count: Job { var number: Int }

struct Failed: Error {}
