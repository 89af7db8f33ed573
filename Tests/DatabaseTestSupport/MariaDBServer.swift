/// A real MariaDB server. `user` may do everything in the databases whose name begins with "test", and `root`
/// everything, at the Unix socket. Its time zone is five hours west of UTC.
public final class MariaDBServer: DatabaseServer {
    public static let kind = "mariadb"
    public static let scheme = "mysql"
    public static let options = ""
    public static let administrator = "root"
    public static let database = "mysql"

    private static let starting = Task { try await start() }

    /// The server that all tests share which leave it running, and its settings as they are.
    public static var shared: MariaDBServer {
        get async throws { try await starting.value }
    }

    public let process: ServerProcess

    public init(process: ServerProcess) { self.process = process }

    public func url(_ database: String) -> String {
        "mysql://\(Self.user)@localhost/\(database)?socket=\(socket)"
    }
}
