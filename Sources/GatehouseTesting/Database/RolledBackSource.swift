import GatehouseDatabase
import GatehouseServer
import Synchronization

/// The connections of a module under test: one, in a transaction that ends with the test and is rolled back. A
/// transaction of the module is a savepoint of it, and so is each statement that is none of a transaction, since an
/// error ends the whole transaction on PostgreSQL.
///
/// Migrations are the exception: they have connections of their own and are committed, because MySQL commits at every
/// change of the schema, and because they would hold up the tests that run beside this one.
final class RolledBackSource: ConnectionSource {
    /// The connection's states: not yet opened, in the test's transaction, or given back.
    private enum Session {
        case unopened
        case open(any Connection)
        case ended
    }

    private static let statement: SQL = "SAVEPOINT gatehouse_statement"
    private static let endStatement: SQL = "RELEASE SAVEPOINT gatehouse_statement"
    private static let undoStatement: SQL = "ROLLBACK TO SAVEPOINT gatehouse_statement"

    private let real: any ConnectionSource
    private let turn: Turn
    private let session = Mutex(Session.unopened)

    var dialect: Dialect { real.dialect }
    var status: PoolStatus { real.status }

    /// - Parameters:
    ///   - real: connections to the server; nobody else uses them.
    ///   - wait: the longest time for which a caller waits for its turn.
    init(_ real: any ConnectionSource, wait: Duration) {
        self.real = real
        turn = Turn(wait: wait)
    }

    func run(
        _ statement: SQL, into sink: (any RowSink)?, start: StatementStart?
    ) async throws(DatabaseError) -> Changes {
        try await atomically { connection throws(DatabaseError) in
            start?.markNow()
            return try await Self.perform(statement, into: sink.map(WholeSink.init), on: connection)
        }
    }

    func run(batch: [BatchStatement]) async throws(DatabaseError) -> [Changes] {
        try await atomically { connection throws(DatabaseError) in
            var all: [Changes] = []
            for statement in batch {
                all.append(
                    try await Self.perform(statement.sql, into: statement.sink.map(WholeSink.init), on: connection))
                try statement.end()
            }
            return all
        }
    }

    func acquire(for purpose: Purpose) async throws(DatabaseError) -> any Connection {
        switch purpose {
        case .migration: return try await real.acquire(for: purpose)
        case .transaction, .read: break
        }
        try await turn.begin()
        do {
            let connection = try await opened()
            try await Self.perform(SavepointConnection.begin, on: connection)
            return SavepointConnection(connection, dialect)
        } catch {
            turn.end()
            throw error
        }
    }

    func release(_ connection: any Connection) {
        guard let connection = connection as? SavepointConnection else { return real.release(connection) }
        connection.loop.run { [turn] in connection.finish { turn.end() } }
    }

    // The test's transaction needs its connection.
    func closeIdle() {}

    func shutDown() async {
        await rollBack()
        await real.shutDown()
    }

    /// Ends the test's transaction. A second call does nothing.
    func rollBack() async {
        // A transaction that still runs is given its time, but not more.
        let isAlone = (try? await turn.begin()) != nil
        defer { if isAlone { turn.end() } }
        let connection: (any Connection)? = session.withLock { session in
            defer { session = .ended }
            if case .open(let connection) = session { return connection }
            return nil
        }
        guard let connection else { return }
        if isAlone { _ = try? await Self.perform("ROLLBACK", on: connection) }
        await onLoop(of: connection) { [real] in real.release(connection) }
    }

    // MARK: The one connection

    /// Runs statements that are no part of a transaction, all or none.
    private func atomically<Value: Sendable>(
        _ body: (any Connection) async throws(DatabaseError) -> Value
    ) async throws(DatabaseError) -> Value {
        try await turn.begin()
        defer { turn.end() }
        let connection = try await opened()
        try await Self.perform(Self.statement, on: connection)
        do {
            let value = try await body(connection)
            for check in SavepointConnection.checks(dialect) { try await Self.perform(check, on: connection) }
            try await Self.perform(Self.endStatement, on: connection)
            return value
        } catch {
            _ = try? await Self.perform(Self.undoStatement, on: connection)
            _ = try? await Self.perform(Self.endStatement, on: connection)
            throw error
        }
    }

    /// The connection, in the test's transaction. For whoever has the turn.
    private func opened() async throws(DatabaseError) -> any Connection {
        switch session.withLock({ $0 }) {
        case .open(let connection): return connection
        case .ended: throw DatabaseError(.usage, "the database is used after the test has ended")
        case .unopened: break
        }
        let connection = try await real.acquire(for: .transaction)
        do {
            try await Self.perform(dialect == .mySQL ? "START TRANSACTION" : "BEGIN", on: connection)
        } catch {
            await onLoop(of: connection) { [real] in real.release(connection) }
            throw error
        }
        session.withLock { $0 = .open(connection) }
        return connection
    }

    /// Runs one statement in the test's transaction.
    @discardableResult
    private static func perform(
        _ statement: SQL, into sink: (any RowSink)? = nil, on connection: any Connection
    ) async throws(DatabaseError) -> Changes {
        let (result, isOpen) = await withCheckedContinuation { continuation in
            connection.loop.run {
                connection.start(statement, into: sink) { result in
                    continuation.resume(returning: (result, connection.state != .idle || statement.text == "ROLLBACK"))
                }
            }
        }
        guard isOpen || result.isFailure else { throw Self.lostTransaction }
        return try result.get()
    }

    /// The error after a statement that no transaction can hold.
    static let lostTransaction = DatabaseError(
        .usage,
        "a statement has ended the test's transaction, so that it cannot be rolled back (on MySQL every change of the "
            + "schema does that): change the schema in migrations only")

    private func onLoop(of connection: any Connection, _ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            connection.loop.run {
                body()
                continuation.resume()
            }
        }
    }
}

extension Result {
    fileprivate var isFailure: Bool { if case .failure = self { true } else { false } }
}
