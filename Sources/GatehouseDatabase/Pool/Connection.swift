package import GatehouseServer

/// A connection's state, by the server's own word (`PQtransactionStatus`, MySQL's status flags,
/// `sqlite3_get_autocommit`).
package enum ConnectionState: Sendable, Equatable {
    /// It can be given to the next borrower.
    case idle
    /// A statement is on its way.
    case busy
    /// A transaction is open.
    case inTransaction
    /// A transaction is open in which a statement failed, so that it can only be rolled back.
    case inFailedTransaction
    /// It is lost, or nobody knows: it can only be closed.
    case unusable
}

/// One connection to a database, or one open SQLite file. Every member is used on its loop only, which makes conforming
/// classes `@unchecked Sendable`.
package protocol Connection: AnyObject, Sendable {
    var loop: HandlerLoop { get }
    var state: ConnectionState { get }

    /// Whether a statement may have changed the session (`SET`, temporary tables, `LISTEN`, advisory locks): the next
    /// borrower must not get it.
    var isTainted: Bool { get }

    /// Called once when an idle connection is found to be lost. The connection has closed itself by then.
    var onLoss: (() -> Void)? { get set }

    /// Starts one statement; one at a time. `completion` is called on the loop, once, after the last row. It may be
    /// called before this returns.
    func start(
        _ statement: SQL, into sink: (any RowSink)?,
        completion: @escaping (Result<Changes, DatabaseError>) -> Void)

    /// Starts several statements, in one round trip if the protocol can. They are one transaction: the first error ends
    /// all. Results have the order of the statements.
    func start(
        batch: [BatchStatement], completion: @escaping (Result<[Changes], DatabaseError>) -> Void)

    /// Goes on with a statement whose sink has answered `pause`.
    func resume()

    /// Has the server end the running statement, whose completion is then called, with `.cancelled` or with its result.
    /// A connection that was cancelled is unusable afterwards, because the cancellation may hit the next statement.
    func cancel()

    /// Closes at once. A running statement's completion is called with `.connectionLost`.
    func close()
}

/// One statement of a batch.
package struct BatchStatement: Sendable {
    package var sql: SQL
    package var sink: (any RowSink)?

    package init(_ sql: SQL, into sink: (any RowSink)? = nil) {
        self.sql = sql
        self.sink = sink
    }

    /// Tells the sink that it has all rows. Connections do so before they commit.
    /// - Throws: the sink's error, which undoes the batch.
    package func end() throws(DatabaseError) {
        do throws(DatabaseError) { try sink?.end() } catch { throw error.of(sql) }
    }
}

/// Makes connections to one server, from settings.
package protocol Driver: Sendable {
    var dialect: Dialect { get }

    /// The server and the database for messages: `PostgreSQL at /run/postgresql, database blog`. Never a password.
    var place: String { get }

    /// Connects on a thread of its own and calls `completion` on the loop. Called on the loop.
    func connect(
        on loop: HandlerLoop, completion: @escaping @Sendable (Result<any Connection, DatabaseError>) -> Void)
}

/// The purpose for which a connection is borrowed.
package enum Purpose: Sendable {
    /// A transaction that may write.
    case transaction
    /// A transaction that reads one snapshot, or one statement whose rows are streamed.
    case read
    /// Migrations: statements without a limit of time on this side, and code that may change the session.
    case migration
}

/// The way from a `Database` to its connections: a pool of a server's connections for each loop, or an SQLite file's
/// readers and writer.
package protocol ConnectionSource: AnyObject, Sendable {
    var dialect: Dialect { get }

    /// Runs one statement by itself. From anywhere. A cancelled caller's statement is cancelled.
    /// - Parameter start: told when the statement has got its connection; `nil` if nobody wants to know.
    func run(
        _ statement: SQL, into sink: (any RowSink)?, start: StatementStart?
    ) async throws(DatabaseError) -> Changes

    /// Runs several statements in one transaction, in one round trip if possible.
    func run(batch: [BatchStatement]) async throws(DatabaseError) -> [Changes]

    /// Gives one connection to the caller alone, in state `idle`. From anywhere; the connection's loop is the caller's,
    /// if that has one.
    func acquire(for purpose: Purpose) async throws(DatabaseError) -> any Connection

    /// Takes a connection back, whatever its state: one that is not `idle`, or is tainted, is closed.
    func release(_ connection: any Connection)

    var status: PoolStatus { get }

    /// Closes idle connections at once, and each other one when it comes back. New ones are opened if they are asked
    /// for: the worker drains, and its last requests need them.
    func closeIdle()

    /// Closes idle connections at once, and each other one when it comes back. Nothing new is opened.
    func shutDown() async
}
