/// pgbouncer in transaction mode before a PostgreSQL server, with four connections to it for each database. It trusts
/// everybody and connects as `PostgresServer.user`.
public final class PgBouncer: Sendable {
    private let process: ServerProcess

    private struct Arguments: Encodable {
        var host: String
        var port: Int
        var settings: [String: String]
    }

    /// - Parameter settings: lines of pgbouncer.ini: `["default_pool_size": "1"]`.
    public static func start(to server: PostgresServer, _ settings: [String: String] = [:]) async throws -> PgBouncer {
        let arguments = Arguments(host: server.socketFolder, port: server.port, settings: settings)
        return PgBouncer(process: try await .start("pgbouncer", arguments))
    }

    private init(process: ServerProcess) { self.process = process }

    public var socket: String { process.fact("socket") }
    public var socketFolder: String { process.fact("socketFolder") }
    public var port: Int { Int(process.fact("port")) ?? 0 }

    /// The URL of a database of the server behind, by pgbouncer's Unix socket.
    public func url(_ database: String) -> String {
        "postgres://\(PostgresServer.user)@/\(database)?host=\(socketFolder)&port=\(port)"
    }

    public func stop() async throws { try await process.order("stop") }
    public func start() async throws { try await process.order("start") }
    public func restart() async throws { try await process.order("restart") }
    public func log() async throws -> String { try await process.ask("log", as: String.self) }
}
