/// A real PostgreSQL server. Its Unix socket trusts everybody, and `user`, which is no superuser, owns the databases of
/// tests; `postgres` is one. By TCP it wants SCRAM. Its time zone is New York.
public final class PostgresServer: DatabaseServer {
    public static let kind = "postgres"
    public static let scheme = "postgres"
    public static let options = "sslmode=disable"
    public static let administrator = "postgres"
    public static let database = "postgres"

    private static let starting = Task { try await start() }

    /// The server that all tests share which leave it running, and its settings as they are.
    public static var shared: PostgresServer {
        get async throws { try await starting.value }
    }

    public let process: ServerProcess

    public init(process: ServerProcess) { self.process = process }

    /// The folder of the Unix socket, which libpq calls its host; the number in the socket's name is `port`.
    public var socketFolder: String { process.fact("socketFolder") }

    public func url(_ database: String) -> String {
        "postgres://\(Self.user)@/\(database)?host=\(socketFolder)&port=\(port)"
    }

    /// The URL by TCP and TLS, with the server's certificate verified.
    public func tlsURL(_ database: String, port: Int? = nil) -> String {
        tcpURL(database, host: "localhost", port: port, options: "sslmode=verify-full&sslrootcert=\(certificate)")
    }

    /// TLS before this server, in records of 16 KiB.
    public func tlsRelay() async throws -> TLSRelay { try await TLSRelay(to: self) }
}
