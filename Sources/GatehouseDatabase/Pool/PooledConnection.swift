import GatehouseServer
import GatehouseSystem

/// A connection of a loop's pool, with its age and its deadline. Borrowers use it as they would use the connection
/// itself. On its loop only.
final class PooledConnection: Connection, @unchecked Sendable {
    private let base: any Connection
    private let pool: LoopPool
    /// The time at which it has grown too old, by ``PoolClock``.
    let expires: Int64
    /// The times that it was taken from the pool.
    private(set) var uses = 0
    /// The time since which it is used, or since which it is idle.
    private(set) var since: Int64
    /// The time at which the server, or the borrower, has had its time.
    private(set) var deadline = Int64.max
    /// The request that it works for.
    private(set) var request: PoolRequest?
    /// The purpose of the borrower, if somebody has it for a while.
    private(set) var purpose: Purpose?
    /// Whether the borrower has set the server another limit for statements, so that ours means nothing.
    private var hasOwnLimit = false
    private var isCancelled = false
    private var isClosed = false
    /// Whether the server does not answer, or the borrower keeps a transaction open without doing anything.
    private(set) var isGivenUp = false

    init(_ base: any Connection, in pool: LoopPool, expires: Int64, now: Int64) {
        self.base = base
        self.pool = pool
        self.expires = expires
        since = now
        // They hold each other until one of them is closed: a weak reference would make each count of references slow.
        base.onLoss = { [self] in lost() }
    }

    /// The statement that runs on it, for messages.
    var statement: SQL? { request?.statement }

    /// Whether the next borrower can have it: the server's own word decides.
    var isReusable: Bool { !isClosed && !isCancelled && base.state == .idle && !base.isTainted }

    // MARK: For the pool

    /// Has `work` start a request's statement.
    func run(for request: PoolRequest, _ work: (any Connection) -> Void) {
        let now = PoolClock.now()
        self.request = request
        uses += 1
        since = now
        setDeadline(now &+ pool.statementLimit(request.statementCount))
        work(base)
    }

    func lend(for purpose: Purpose) {
        let now = PoolClock.now()
        self.purpose = purpose
        uses += 1
        since = now
        if purpose != .migration { setDeadline(now &+ pool.idleTransactionLimit) }
    }

    /// Nobody uses it any more.
    func rest(now: Int64) {
        request = nil
        purpose = nil
        hasOwnLimit = false
        since = now
        deadline = .max
    }

    /// Closes it because its deadline has passed.
    func giveUp() {
        isGivenUp = true
        deadline = .max
        request?.isOverdue = true
        close()
    }

    /// Its borrower is done. From anywhere; a second call does nothing.
    func giveBack() {
        pool.onLoop { [self] in
            guard let purpose else { return }
            // A migration may have changed the session by statements that nobody has read.
            if purpose == .migration { close() }
            pool.takeBack(self)
        }
    }

    private func setDeadline(_ deadline: Int64) {
        self.deadline = deadline
        pool.arm(deadline)
    }

    private func lost() {
        isClosed = true
        pool.lost(self)
    }

    // MARK: For its borrower

    var loop: HandlerLoop { base.loop }

    var state: ConnectionState { isClosed || isCancelled ? .unusable : base.state }

    var isTainted: Bool { base.isTainted }

    /// The pool's own business.
    var onLoss: (() -> Void)?

    func start(
        _ statement: SQL, into sink: (any RowSink)?, completion: @escaping (Result<Changes, DatabaseError>) -> Void
    ) {
        guard !isClosed, !isCancelled else { return completion(.failure(gone)) }
        if statement.setsLimit { hasOwnLimit = true }
        statementBegins(1)
        base.start(statement, into: sink) { [self] result in
            statementEnds()
            completion(result.mapError(explained))
        }
    }

    func start(batch: [BatchStatement], completion: @escaping (Result<[Changes], DatabaseError>) -> Void) {
        guard !isClosed, !isCancelled else { return completion(.failure(gone)) }
        statementBegins(batch.count)
        base.start(batch: batch) { [self] result in
            statementEnds()
            completion(result.mapError(explained))
        }
    }

    func resume() { base.resume() }

    func cancel() {
        guard !isClosed, !isCancelled else { return }
        isCancelled = true
        setDeadline(min(deadline, PoolClock.now() &+ Performance.grace.nanoseconds))
        base.cancel()
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        base.onLoss = nil
        base.close()
    }

    private func statementBegins(_ count: Int) {
        guard purpose != .migration else { return }
        deadline = .max
        if !hasOwnLimit { setDeadline(PoolClock.now() &+ pool.statementLimit(count)) }
    }

    private func statementEnds() {
        guard purpose != .migration else { return }
        deadline = .max
        if !isCancelled, !isClosed { setDeadline(PoolClock.now() &+ pool.idleTransactionLimit) }
    }

    private func explained(_ error: DatabaseError) -> DatabaseError {
        if isGivenUp, !isCancelled { return pool.noAnswer }
        return isCancelled ? error.afterCancellation : error
    }

    private var gone: DatabaseError {
        if isCancelled { return .cancelled(nil) }
        guard isGivenUp else {
            return DatabaseError(.connectionLost(sent: false), "the connection to \(pool.place) is closed")
        }
        return DatabaseError(
            .connectionLost(sent: false),
            "the connection to \(pool.place) was closed: its transaction was open without a statement for longer than "
                + "idle-transaction-timeout")
    }
}

extension SQL {
    /// Whether the statement sets the server's limit for statements, as `SET LOCAL statement_timeout = '5min'` does.
    fileprivate var setsLimit: Bool {
        let isSet = text.bytes.prefix(3).elementsEqual("SET".utf8) { $0 & 0xdf == $1 }
        guard isSet, text.bytes.count < 1_000 else { return false }
        let text = text.string.lowercased()
        return ["statement_timeout", "max_statement_time", "max_execution_time"].contains { text.contains($0) }
    }
}
