/// A real PostgreSQL server on sockets of its own: the Unix socket trusts everybody, the loopback's TCP port wants
/// `user` and `password` (SCRAM) and speaks TLS if the client asks. Its time zone is New York, so that a session has to
/// say UTC, and nothing is synced to a disk.
public final class PostgresServer: Sendable {
    /// The role that owns the databases of tests; it is no superuser. `postgres` is one.
    public static let user = "gatehouse"
    public static let password = "secret"

    private static let starting = Task { try await start() }

    /// The server that all tests share which leave it running, and its settings as they are.
    public static var shared: PostgresServer {
        get async throws { try await starting.value }
    }

    private let process: ServerProcess

    private struct Arguments: Encodable {
        var settings: [String: String]
    }

    private init(process: ServerProcess) { self.process = process }

    /// Starts a server for one test: in about a second.
    /// - Parameter settings: lines of postgresql.conf: `["max_connections": "10"]`.
    public static func start(_ settings: [String: String] = [:]) async throws -> PostgresServer {
        PostgresServer(process: try await .start("postgres", Arguments(settings: settings)))
    }

    /// The Unix socket, and the folder that libpq calls its host.
    public var socket: String { process.fact("socket") }
    public var socketFolder: String { process.fact("socketFolder") }
    /// The TCP port on 127.0.0.1, which is also the number in the socket's name.
    public var port: Int { Int(process.fact("port")) ?? 0 }
    /// The file of the certificate, for `localhost` and 127.0.0.1; it is its own authority.
    public var certificate: String { process.fact("certificate") }

    /// An empty database of `user`'s. It stays as long as the server.
    /// - Returns: its name.
    public func createDatabase() async throws -> String { try await process.ask("create_database", as: String.self) }

    /// Removes a database, with whatever is connected to it.
    public func dropDatabase(_ name: String) async throws { try await process.order("drop_database", name) }

    /// Runs a test in an empty database, and removes that.
    public func withDatabase<Value>(
        isolation: isolated (any Actor)? = #isolation, _ body: (_ name: String) async throws -> Value
    ) async throws -> Value {
        let name = try await createDatabase()
        do {
            let value = try await body(name)
            try await dropDatabase(name)
            return value
        } catch {
            try? await dropDatabase(name)
            throw error
        }
    }

    /// The URL by the Unix socket, without a password.
    public func url(_ database: String, user: String = user) -> String {
        "postgres://\(user)@/\(database)?host=\(socketFolder)&port=\(port)"
    }

    /// The URL by TCP, with a password.
    /// - Parameter options: libpq's: `sslmode=verify-full&sslrootcert=…`.
    public func tcpURL(
        _ database: String, password: String = password, host: String = "127.0.0.1", port: Int? = nil,
        options: String = "sslmode=disable"
    ) -> String {
        "postgres://\(Self.user):\(password)@\(host):\(port ?? self.port)/\(database)?\(options)"
    }

    /// The URL by TCP and TLS, with the server's certificate verified.
    public func tlsURL(_ database: String, port: Int? = nil) -> String {
        tcpURL(database, host: "localhost", port: port, options: "sslmode=verify-full&sslrootcert=\(certificate)")
    }

    /// The rows of a statement, by psql: a second opinion on what the code under test did. `nil` is NULL.
    public func query(_ sql: String, in database: String = "postgres", user: String = "postgres")
        async throws -> [[String?]]
    {
        try await process.ask("query", sql, database, user, as: [[String?]].self)
    }

    /// Sets a setting for the next start, or for the next `reload` if it can be set then.
    public func set(_ name: String, _ value: String) async throws { try await process.order("set", name, value) }

    /// Has the server read its settings again; it may take a moment until sessions have them.
    public func reload() async throws { try await process.order("reload") }

    /// Shuts down as an operator does (sessions end with a FATAL), and waits.
    public func stop() async throws { try await process.order("stop") }

    /// Ends the server as a crash would, with SIGKILL.
    public func kill() async throws { try await process.order("kill") }

    /// Starts it again after `stop` or `kill`, at the same addresses, and waits until it serves.
    public func start() async throws { try await process.order("start") }

    public func restart() async throws { try await process.order("restart") }

    /// Everything in the server's log.
    public func log() async throws -> String { try await process.ask("log", as: String.self) }

    /// TLS before this server, in records of 16 KiB.
    public func tlsRelay() async throws -> TLSRelay { try await TLSRelay(to: self) }
}
