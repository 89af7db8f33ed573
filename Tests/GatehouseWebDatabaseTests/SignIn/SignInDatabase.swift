import DatabaseTestSupport
import FoundationEssentials
import Gatehouse
import GatehouseDatabase
import GatehouseWeb
import Logging
import NIOPosix
import Synchronization

/// The databases that the tests of the sign-in run over.
enum SignInDatabase: CaseIterable {
    case sqlite, postgres, mysql

    /// Gives a URL of an empty database, which is gone afterwards.
    func withURL(_ body: (String) async throws -> Void) async throws {
        switch self {
        case .sqlite:
            let path = FileManager.default.temporaryDirectory.path + "/gatehouse-sign-in-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: path) }
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try await body("sqlite:\(path)/test.sqlite")
        case .postgres:
            let server = try await PostgresServer.shared
            try await server.withDatabase { try await body(server.url($0)) }
        case .mysql:
            let server = try await MariaDBServer.shared
            try await server.withDatabase { try await body(server.url($0)) }
        }
    }

    /// Gives a database with the tables of the sign-in.
    func withDatabase(_ body: (Database) async throws -> Void) async throws {
        try await withURL { url in
            let context = ModuleContext(
                name: "Test", mountPath: "", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                resourceFolder: "Resources", stateFolder: nil, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                settings: #"{"database": {"url": "\#(url)"}}"#, settingsOrigin: "the test")
            struct Settings: Decodable { var database: DatabaseSettings }
            let database = try Database(context.settings(Settings.self).database, context: context)
            do {
                try await database.migrate(.signIn)
                try await body(database)
            } catch {
                await database.source.shutDown()
                throw error
            }
            await database.source.shutDown()
        }
    }
}

/// A time that tests set, in milliseconds since 1970.
final class SignInClock: Sendable {
    private let time = Mutex(1_800_000_000_000)

    var milliseconds: Int { time.withLock { $0 } }
    var seconds: Int { milliseconds / 1_000 }

    func pass(_ seconds: Int) { time.withLock { $0 += seconds * 1_000 } }
}
