package import GatehouseServer
package import Logging
import Synchronization

/// Makes connections to a PostgreSQL server, or to one of several, with libpq.
package final class PostgreSQLDriver: Driver {
    package let dialect = Dialect.postgreSQL
    package let place: String
    let address: PostgreSQLAddress
    let logger: Logger
    /// The behaviour that connections have learned of the server, or of the pooler before it.
    let lessons: PostgreSQLLessons
    let cancellations: PostgreSQLCancellations

    /// - Parameter applicationName: the name that `pg_stat_activity` shows, unless the URL has one.
    /// - Throws: `.usage` if libpq is missing or the URL is malformed.
    package init(_ settings: DatabaseSettings, applicationName: String, logger: Logger) throws(DatabaseError) {
        try ClientLibrary.postgreSQL.mustBeOpen()
        address = try PostgreSQLAddress(settings, applicationName: applicationName)
        place = "PostgreSQL at \(address.place)"
        self.logger = logger
        lessons = PostgreSQLLessons(prepares: settings.preparedStatements, logger: logger, place: place)
        cancellations = PostgreSQLCancellations(logger: logger, place: place)
    }

    package func connect(
        on loop: HandlerLoop, completion: @escaping @Sendable (Result<any Connection, DatabaseError>) -> Void
    ) {
        open(on: loop) { completion($0.map { $0 }) }
    }

    /// Connects on a thread of its own, because looking up a host, TLS and SCRAM block or take milliseconds.
    func open(
        on loop: HandlerLoop, completion: @escaping @Sendable (Result<PostgreSQLConnection, DatabaseError>) -> Void
    ) {
        let connect: @Sendable () -> Void = { [self] in
            let opened = Result { () throws(DatabaseError) in try PostgreSQLOpening(self).open() }
            loop.run {
                completion(
                    opened.flatMap { session in
                        Result { () throws(DatabaseError) in try PostgreSQLConnection(session, self, loop) }
                    })
            }
        }
        do {
            try PlainThread.run(connect)
        } catch {
            loop.run {
                completion(
                    .failure(DatabaseError(.connectionLost(sent: false), "cannot connect to \(self.place): \(error)")))
            }
        }
    }
}

/// The behaviour of a server, or of the pooler before it, that only shows when one talks to it.
final class PostgreSQLLessons: Sendable {
    private let logger: Logger
    private let place: String
    private let prepared: Atomic<Bool>
    private let takesOptions = Atomic(true)
    private let blocking = Atomic(false)

    init(prepares: Bool, logger: Logger, place: String) {
        prepared = Atomic(prepares)
        self.logger = logger
        self.place = place
    }

    /// Whether statements are prepared once for each connection.
    var preparesStatements: Bool { prepared.load(ordering: .relaxed) }

    /// Called when a prepared statement is gone that nobody has deallocated: a pooler has changed the server's process.
    func noteLostStatement() {
        guard prepared.exchange(false, ordering: .relaxed) else { return }
        logger.warning(
            """
            prepared statements do not last at \(place), as behind a pooler in transaction mode; statements are no \
            longer prepared ahead. Set prepared-statements: false, or use pgbouncer 1.21 or newer
            """)
    }

    /// Whether the session's parameters can be sent when connecting.
    var sendsSessionOptions: Bool { takesOptions.load(ordering: .relaxed) }

    /// Called when a pooler has refused the session's parameters.
    func noteRefusedOptions() {
        guard takesOptions.exchange(false, ordering: .relaxed) else { return }
        logger.warning(
            """
            the pooler at \(place) takes no parameters of a session: limits for statements, locks and idle \
            transactions are not set. Set them by ALTER ROLE … SET statement_timeout = …
            """)
    }

    /// Whether libpq's blocking call connects, since only that goes on to the next address when one does not answer.
    var connectsBlocking: Bool { blocking.load(ordering: .relaxed) }

    /// Called when an address did not answer in time.
    func noteSilentAddress() { blocking.store(true, ordering: .relaxed) }
}
