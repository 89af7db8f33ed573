/// A transaction's connection and its state, shared by the transaction and those nested in it. Used by one task, which
/// its transactions see to by not being `Sendable`.
final class TransactionSession {
    let connection: any Connection
    let database: Database
    /// The error after which the transaction, or the innermost savepoint, can only be rolled back.
    private(set) var failure: DatabaseError?
    /// The number of savepoints that are open.
    private(set) var depth = 0
    private var isRunning = false
    private var isOver = false
    /// Whether the connection must be in a transaction before each statement.
    private let checksState: Bool
    /// Work for after the commit, by savepoint.
    private var afterCommit: [[@Sendable () async -> Void]] = [[]]
    /// The names of locks that MySQL keeps beyond the transaction.
    private var locks: [SQL] = []

    init(_ connection: any Connection, of database: Database, checksState: Bool = true) {
        self.connection = connection
        self.database = database
        self.checksState = checksState
    }

    // The states of the connection in which statements make sense.
    private static let outside: [ConnectionState] = [.idle]
    private var inside: [ConnectionState]? { checksState ? [.inTransaction] : nil }
    private var open: [ConnectionState]? { checksState ? [.inTransaction, .inFailedTransaction] : nil }

    var dialect: Dialect { database.source.dialect }

    // MARK: Statements

    /// Runs one of the author's statements.
    func run(_ sql: SQL, into sink: (any RowSink)?) async throws(DatabaseError) -> Changes {
        try refuse(sql)
        guard !Task.isCancelled else { throw fail(.cancelled(sql)) }
        return try await send(sql, into: sink, .cancels, expecting: inside)
    }

    /// Refuses a statement that cannot be sent now.
    func refuse(_ sql: SQL) throws(DatabaseError) {
        guard !isOver else { throw .usage("the transaction is over: do not keep it beyond its closure", sql) }
        guard !isRunning else {
            throw .usage("another statement of the same transaction is on its way: await it first", sql)
        }
        if let failure { throw Self.refusal(failure, sql) }
    }

    private static func refusal(_ failure: DatabaseError, _ sql: SQL) -> DatabaseError {
        if failure.kind == .cancelled { return .cancelled(sql) }
        return .usage(
            "a statement of the transaction has failed before, so it can only be rolled back (\(failure)): let its "
                + "error through, or put what may fail into a nested transaction", sql)
    }

    private func send(
        _ sql: SQL, into sink: (any RowSink)? = nil, _ cancellation: Performance.Cancellation,
        expecting states: [ConnectionState]?
    ) async throws(DatabaseError) -> Changes {
        isRunning = true
        defer { isRunning = false }
        let observers = database.observers
        let observation = observers.areThere ? Observation(of: sql, isInTransaction: true) : nil
        let outcome = await Performance(of: sql, on: connection, cancellation, expecting: states).run(into: sink)
        switch outcome.changes {
        case .success(let changes):
            if sql == TransactionSQL.commit, outcome.state != .idle {
                throw fail(DatabaseError(.other, "the server has not committed the transaction"))
            }
            if let observation { observers.tell(observation.event(rows: changes.rows, nil)) }
            return changes
        case .failure(let error):
            if let observation { observers.tell(observation.event(rows: 0, error.kind)) }
            if outcome.isRefused || error.isOfServer || (checksState && outcome.state != .inTransaction) {
                _ = fail(error)
            }
            throw error
        }
    }

    /// Records that the transaction can only be rolled back.
    @discardableResult
    func fail(_ error: DatabaseError) -> DatabaseError {
        if failure == nil { failure = error }
        return error
    }

    /// Runs a statement whose rows `body` reads one by one.
    func rows<Reader: RowReader, Result>(
        _ sql: SQL, _ reader: Reader, _ body: (Rows<Reader.Row>) async throws -> Result
    ) async throws -> Result {
        try refuse(sql)
        guard !Task.isCancelled else { throw fail(.cancelled(sql)) }
        isRunning = true
        let observers = database.observers
        let observation = observers.areThere ? Observation(of: sql, isInTransaction: true) : nil
        let stream = RowStream(sql, on: connection, reader)
        let outcome: Swift.Result<Result, any Error>
        do {
            try await stream.begin(expecting: inside)
            outcome = .success(
                try await stream.withCancellation { try await body(Rows(nextRow: stream.nextRow)) })
        } catch {
            outcome = .failure(error)
        }
        let end = await stream.discard()
        isRunning = false
        var kind: DatabaseError.Kind?
        if case .failure(let error) = end {
            kind = error.kind
            // The state is looked at before the next statement.
            if error.isOfServer || error.kind == .cancelled { fail(error) }
        }
        if let observation { observers.tell(observation.event(rows: stream.taken, kind)) }
        return try outcome.get()
    }

    // MARK: Beginning and ending

    func begin(_ statements: [SQL]) async throws(DatabaseError) {
        for statement in statements {
            guard !Task.isCancelled else { throw .cancelled(statement) }
            _ = try await send(statement, .cancels, expecting: Self.outside)
        }
    }

    /// Commits.
    /// - Throws: if the server has not said that it is committed. A COMMIT that has been sent and was not answered is
    ///   `.connectionLost(sent: true)`: nobody knows.
    func commit() async throws(DatabaseError) {
        isOver = true
        if let failure {
            await rollBack()
            throw Self.notCommitted(failure)
        }
        guard !Task.isCancelled else {
            await rollBack()
            throw .cancelled(TransactionSQL.commit)
        }
        do {
            _ = try await send(TransactionSQL.commit, .shortens, expecting: inside)
        } catch {
            // SQLite keeps a transaction open that could not be committed.
            await rollBack()
            throw error
        }
        await releaseLocks()
    }

    private static func notCommitted(_ failure: DatabaseError) -> DatabaseError {
        if failure.kind == .cancelled { return failure }
        var error = failure
        error.message =
            "the transaction was rolled back and not committed, because a statement in it had failed, and its error "
            + "did not leave the closure: \(failure.message)"
        // A failure of the connection is no mistake of the author's, and a transaction that met another one can be
        // tried again.
        switch failure.kind {
        case .connectionLost, .serialization, .deadlock, .timeout: break
        default: error.kind = .usage
        }
        return error
    }

    /// Rolls back after an error of the closure; an error of ``commit()`` has left nothing to roll back.
    func rollBackIfOpen() async {
        if !isOver { await rollBack() }
    }

    /// Rolls back. A connection for which that fails is closed when it is given back, which rolls back too.
    func rollBack() async {
        isOver = true
        afterCommit = []
        _ = try? await send(TransactionSQL.rollBack, .shortens, expecting: open)
        await releaseLocks()
    }

    // MARK: Savepoints

    /// - Returns: the savepoint's depth.
    func beginSavepoint() async throws(DatabaseError) -> Int {
        let depth = depth + 1
        _ = try await run(TransactionSQL.savepoint(depth), into: nil)
        self.depth = depth
        afterCommit.append([])
        return depth
    }

    func release(_ depth: Int) async throws(DatabaseError) {
        if let failure { throw Self.notCommitted(failure) }
        _ = try await run(TransactionSQL.release(depth), into: nil)
        self.depth = depth - 1
        guard let works = afterCommit.popLast(), !afterCommit.isEmpty else { return }
        afterCommit[afterCommit.count - 1] += works
    }

    /// Rolls back to a savepoint, after which the transaction is usable again, unless it is lost as a whole.
    func rollBack(to depth: Int) async {
        self.depth = depth - 1
        if afterCommit.count > 1 { afterCommit.removeLast() }
        guard !isOver else { return }
        do {
            for statement in [TransactionSQL.rollBack(to: depth), TransactionSQL.release(depth)] {
                _ = try await send(statement, .shortens, expecting: open)
            }
            failure = nil
        } catch {
            fail(error)
        }
    }

    // MARK: After the end

    func addAfterCommit(_ work: @escaping @Sendable () async -> Void) {
        guard !isOver, !afterCommit.isEmpty else { return }
        afterCommit[afterCommit.count - 1].append(work)
    }

    /// The work that is to be done now that everything is committed.
    func takeAfterCommit() -> [@Sendable () async -> Void] {
        defer { afterCommit = [] }
        return Array(afterCommit.joined())
    }

    /// Nothing can be sent any more.
    func finish() { isOver = true }

    /// Gives the connection back.
    func release() {
        isOver = true
        database.source.release(connection)
    }

    /// Remembers a statement that releases a lock, for the end.
    func addLock(releasedBy statement: SQL) { locks.append(statement) }

    private func releaseLocks() async {
        for statement in locks { _ = try? await send(statement, .shortens, expecting: Self.outside) }
        locks = []
    }
}
