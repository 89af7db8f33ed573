/// A real MariaDB server on sockets of its own: `user` needs no password at the Unix socket, and `password` at the
/// loopback's TCP port, which speaks TLS if the client asks. Its time zone is five hours west of UTC, so that a session
/// has to say UTC, and nothing is synced to a disk.
public final class MariaDBServer: Sendable {
    /// The account that may do everything in the databases of tests. `root` may do everything, at the Unix socket.
    public static let user = "gatehouse"
    public static let password = "secret"

    private static let starting = Task { try await start() }

    /// The server that all tests share which leave it running, and its settings as they are.
    public static var shared: MariaDBServer {
        get async throws { try await starting.value }
    }

    private let process: ServerProcess

    private struct Arguments: Encodable {
        var settings: [String: String]
    }

    private init(process: ServerProcess) { self.process = process }

    /// Starts a server for one test: in about two seconds.
    /// - Parameter settings: options of mariadbd: `["max-connections": "10"]`.
    public static func start(_ settings: [String: String] = [:]) async throws -> MariaDBServer {
        MariaDBServer(process: try await .start("mariadb", Arguments(settings: settings)))
    }

    /// The Unix socket.
    public var socket: String { process.fact("socket") }
    /// The TCP port on 127.0.0.1.
    public var port: Int { Int(process.fact("port")) ?? 0 }
    /// The file of the certificate, for `localhost` and 127.0.0.1; it is its own authority.
    public var certificate: String { process.fact("certificate") }

    /// An empty database that `user` may do everything in. It stays as long as the server.
    /// - Returns: its name.
    public func createDatabase() async throws -> String { try await process.ask("create_database", as: String.self) }

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
        "mysql://\(user)@localhost/\(database)?socket=\(socket)"
    }

    /// The URL by TCP, with a password.
    /// - Parameter options: the query of the URL, without its question mark.
    public func tcpURL(
        _ database: String, password: String = password, host: String = "127.0.0.1", port: Int? = nil,
        options: String = ""
    ) -> String {
        let query = options.isEmpty ? "" : "?\(options)"
        return "mysql://\(Self.user):\(password)@\(host):\(port ?? self.port)/\(database)\(query)"
    }

    /// The rows of a statement, by the command-line client: a second opinion on what the code under test did. `nil` is
    /// NULL.
    public func query(_ sql: String, in database: String = "mysql", user: String = "root")
        async throws -> [[String?]]
    {
        try await process.ask("query", sql, database, user, as: [[String?]].self)
    }

    /// Sets an option for the next start.
    public func set(_ name: String, _ value: String) async throws { try await process.order("set", name, value) }

    /// Shuts down as an operator does, and waits.
    public func stop() async throws { try await process.order("stop") }

    /// Ends the server as a crash would, with SIGKILL.
    public func kill() async throws { try await process.order("kill") }

    /// Starts it again after `stop` or `kill`, at the same addresses, and waits until it serves.
    public func start() async throws { try await process.order("start") }

    public func restart() async throws { try await process.order("restart") }

    /// Everything in the server's log.
    public func log() async throws -> String { try await process.ask("log", as: String.self) }
}
