import GatehousePlan

/// The settings of a ``Database``: `settings: database:` of a module in the configuration.
///
/// ```yaml
/// settings:
///   database:
///     url: postgres://blog@/blog?host=/run/postgresql
///     connections: 5
/// ```
public struct DatabaseSettings: Sendable, Equatable {
    /// `postgres://user:password@host/database`, `mysql://…`, `sqlite:` or `sqlite:path`. Never logged.
    public var url: String = "sqlite:"
    /// The password of the user in ``url``, in place of one there: as it is, nothing in it is escaped. In a
    /// configuration `password: "${credential:blog-db}"`. Never logged.
    public var password: String?
    /// The most connections for each event loop of a worker.
    public var connections = WrittenDatabaseSettings.standardConnections
    /// The time that a caller waits for a free connection.
    public var wait: Duration = .seconds(5)
    /// The time that one statement may take.
    public var statementTimeout: Duration = .seconds(10)
    /// The time that a statement waits for a lock.
    public var lockTimeout: Duration = .seconds(3)
    /// The time that a transaction may be open without a statement.
    public var idleTransactionTimeout: Duration = .seconds(15)
    /// The time after which a connection that nobody uses is closed.
    public var idle: Duration = .seconds(60)
    /// The age at which a connection is closed when it comes back, give or take a tenth.
    public var maximumAge: Duration = .seconds(1_800)
    /// The time that connecting may take.
    public var connectTimeout: Duration = .seconds(5)
    /// Whether statements are prepared once for each connection. `false` behind pgbouncer older than 1.21 in
    /// transaction mode.
    public var preparedStatements = true

    /// Makes settings with the defaults.
    public init(url: String = "sqlite:") {
        self.url = url
    }
}
