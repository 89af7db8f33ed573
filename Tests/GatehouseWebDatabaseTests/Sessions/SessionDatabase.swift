import DatabaseTestSupport
import Gatehouse
import GatehouseDatabase
import GatehouseWeb
import Logging
import NIOPosix
import TestSupport

/// The databases that sessions are kept in.
enum SessionDatabase: CaseIterable {
    case sqlite, postgres, mysql

    /// Runs a test with the URL of an empty database.
    func withURL(_ body: (String) async throws -> Void) async throws {
        switch self {
        case .sqlite:
            let folder = try TemporaryFolder()
            try await body("sqlite:\(folder.path)/sessions.sqlite")
        case .postgres:
            let server = try await PostgresServer.shared
            try await server.withDatabase { try await body(server.url($0)) }
        case .mysql:
            let server = try await MariaDBServer.shared
            try await server.withDatabase { try await body(server.url($0)) }
        }
    }

    /// Runs a test with a database that has the table.
    func run(_ body: (Database) async throws -> Void) async throws {
        try await withURL { url in
            let context = ModuleContext(
                name: "Test", mountPath: "", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                resourceFolder: "Resources", stateFolder: nil, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                settings: "{}", settingsOrigin: "the test", mode: .test)
            let database = try Database(DatabaseSettings(url: url), context: context)
            do {
                try await database.migrate(.sessions)
                // Once is enough.
                try await database.migrate(.sessions)
                try await body(database)
            } catch {
                await database.source.shutDown()
                throw error
            }
            await database.source.shutDown()
        }
    }
}
