/// A real database server on sockets of its own. The account of tests needs no password at the Unix socket, and
/// `password` at the loopback's TCP port, which speaks TLS if the client asks. The server's time zone is not UTC, so
/// that a session has to say so, and nothing is synced to a disk.
public protocol DatabaseServer: Sendable {
    /// The class in `servers/` that runs it.
    static var kind: String { get }
    /// The scheme of its URLs.
    static var scheme: String { get }
    /// Options of a URL by TCP, if a test names none.
    static var options: String { get }
    /// The account that may do everything, and a database that every server has.
    static var administrator: String { get }
    static var database: String { get }

    var process: ServerProcess { get }
    init(process: ServerProcess)

    /// The URL for `user` by the Unix socket, without a password.
    func url(_ database: String) -> String
}

extension DatabaseServer {
    /// The account that owns the databases of tests, or may do everything in them; and no more.
    public static var user: String { "gatehouse" }
    public static var password: String { "secret" }

    /// Starts a server for one test: in a second or two.
    /// - Parameter settings: as its configuration file has them: `["max_connections": "10"]`.
    public static func start(_ settings: [String: String] = [:]) async throws -> Self {
        Self(process: try await .start(kind, ["settings": settings]))
    }

    /// The Unix socket.
    public var socket: String { process.fact("socket") }
    /// The TCP port on 127.0.0.1.
    public var port: Int { Int(process.fact("port")) ?? 0 }
    /// The file of the certificate, for `localhost` and 127.0.0.1; it is its own authority.
    public var certificate: String { process.fact("certificate") }

    /// An empty database of `user`'s. It stays as long as the server.
    /// - Returns: its name.
    public func createDatabase() async throws -> String { try await process.ask("create_database", as: String.self) }

    /// Runs a test in an empty database, and removes that; PostgreSQL also ends whatever is connected to it.
    public func withDatabase<Value>(
        isolation: isolated (any Actor)? = #isolation, _ body: (_ name: String) async throws -> Value
    ) async throws -> Value {
        let name = try await createDatabase()
        do {
            let value = try await body(name)
            try await process.order("drop_database", name)
            return value
        } catch {
            try? await process.order("drop_database", name)
            throw error
        }
    }

    /// The URL by TCP, with a password.
    /// - Parameter options: the query of the URL, without its question mark: `sslmode=verify-full&sslrootcert=…`.
    public func tcpURL(
        _ database: String, password: String? = nil, host: String = "127.0.0.1", port: Int? = nil,
        options: String? = nil
    ) -> String {
        let options = options ?? Self.options
        let query = options.isEmpty ? "" : "?\(options)"
        let account = "\(Self.user):\(password ?? Self.password)"
        return "\(Self.scheme)://\(account)@\(host):\(port ?? self.port)/\(database)\(query)"
    }

    /// The rows of a statement, by the command-line client: a second opinion on what the code under test did. `nil` is
    /// NULL.
    public func query(_ sql: String, in database: String? = nil, user: String? = nil) async throws -> [[String?]] {
        try await process.ask(
            "query", sql, database ?? Self.database, user ?? Self.administrator, as: [[String?]].self)
    }

    /// Shuts down as an operator does (PostgreSQL's sessions end with a FATAL), and waits.
    public func stop() async throws { try await process.order("stop") }

    /// Ends the server as a crash would, with SIGKILL.
    public func kill() async throws { try await process.order("kill") }

    /// Starts it again after `stop` or `kill`, at the same addresses, and waits until it serves.
    public func start() async throws { try await process.order("start") }

    public func restart() async throws { try await process.order("restart") }
}
