/// Somebody's wish for a connection of a loop's pool: for one statement, for several in one transaction, or to keep for
/// a while. On the pool's loop only.
class PoolRequest: @unchecked Sendable {
    /// The time since which it waits, by ``PoolClock``.
    var waitsSince: Int64 = 0
    /// Whether it is in the queue.
    var isQueued = false
    /// The connection that works for it.
    var connection: PooledConnection?
    /// The attempts that ended before anything was sent.
    private(set) var failedAttempts = 0
    private(set) var isCancelled = false
    /// Whether the connection was closed because no answer came in time.
    var isOverdue = false
    let pool: LoopPool

    init(_ pool: LoopPool) {
        self.pool = pool
    }

    /// The statement, for messages.
    var statement: SQL? { nil }

    /// The statements, each of which may take its time.
    var statementCount: Int { 1 }

    /// Begins the work on a connection, which is the request's until ``LoopPool/takeBack(_:)``.
    func begin(on connection: PooledConnection) {}

    /// Ends it without a connection.
    func fail(_ error: DatabaseError) {}

    /// The caller gave up.
    func cancel() {
        guard !isCancelled else { return }
        isCancelled = true
        if let connection {
            connection.cancel()
        } else if isQueued {
            pool.queue.remove(self)
            pool.publish()
            fail(.cancelled(statement))
        }
    }

    /// Gives the connection back after `result`, and says whether the request is queued again.
    ///
    /// Repeating is for what was certainly not sent, and only if the connection had been idle before: it may have been
    /// lost long ago, and so may the others. A new connection's failure is final.
    final func isRepeated(after result: Result<some Any, DatabaseError>) -> Bool {
        guard let connection else { return false }
        self.connection = nil
        let wasFresh = connection.uses <= 1
        pool.takeBack(connection)
        guard case .failure(let error) = result, error.kind == .connectionLost(sent: false), !wasFresh, !isCancelled,
            !isOverdue,
            failedAttempts <= pool.limit
        else { return false }
        failedAttempts += 1
        pool.putBack(self)
        return true
    }

    /// The error as the caller gets it.
    final func explained(_ error: DatabaseError) -> DatabaseError {
        if isOverdue, !isCancelled { return pool.noAnswer.of(statement) }
        return (isCancelled ? error.afterCancellation : error).of(statement)
    }
}

/// A request whose caller waits for its answer.
class AnsweredRequest<Answer: Sendable>: PoolRequest, @unchecked Sendable {
    private var continuation: UnsafeContinuation<Result<Answer, DatabaseError>, Never>?
    private let fence = AnswerFence()

    /// Called by the caller who has heard the answer, before he reads what the request has filled.
    final func hear() { fence.pass() }

    final func submit(_ continuation: UnsafeContinuation<Result<Answer, DatabaseError>, Never>) {
        self.continuation = continuation
        pool.submit(self)
    }

    final func answer(_ result: Result<Answer, DatabaseError>) {
        fence.close()
        continuation?.resume(returning: result)
        continuation = nil
    }

    /// The connection is done with the work.
    final func completed(_ result: Result<Answer, DatabaseError>) {
        guard connection != nil, !isRepeated(after: result) else { return }
        answer(result.mapError(explained))
    }

    override func fail(_ error: DatabaseError) { answer(.failure(error)) }
}

/// One statement by itself.
final class StatementRequest: AnsweredRequest<Changes>, @unchecked Sendable {
    private let sql: SQL
    private let sink: (any RowSink)?
    private let start: StatementStart?

    init(_ sql: SQL, into sink: (any RowSink)?, start: StatementStart?, _ pool: LoopPool) {
        self.sql = sql
        self.sink = sink
        self.start = start
        super.init(pool)
    }

    override var statement: SQL? { sql }

    override func begin(on connection: PooledConnection) {
        self.connection = connection
        start?.markNow()
        connection.run(for: self) { base in base.start(self.sql, into: self.sink) { [self] in completed($0) } }
    }

    override func fail(_ error: DatabaseError) { answer(.failure(error.of(sql))) }
}

/// Several statements in one transaction.
final class BatchRequest: AnsweredRequest<[Changes]>, @unchecked Sendable {
    private let batch: [BatchStatement]

    init(_ batch: [BatchStatement], _ pool: LoopPool) {
        self.batch = batch
        super.init(pool)
    }

    override var statement: SQL? { batch.first?.sql }

    override var statementCount: Int { batch.count }

    override func begin(on connection: PooledConnection) {
        self.connection = connection
        connection.run(for: self) { base in base.start(batch: self.batch) { [self] in completed($0) } }
    }
}

/// A connection to keep for a while: for a transaction, a stream or a migration.
final class LeaseRequest: AnsweredRequest<PooledConnection>, @unchecked Sendable {
    let purpose: Purpose

    init(for purpose: Purpose, _ pool: LoopPool) {
        self.purpose = purpose
        super.init(pool)
    }

    override func begin(on connection: PooledConnection) {
        // From now on the borrower decides what happens to it.
        connection.lend(for: purpose)
        pool.publish()
        answer(.success(connection))
    }
}
