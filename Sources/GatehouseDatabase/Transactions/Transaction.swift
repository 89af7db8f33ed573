/// A transaction under way: takes statements as its ``Database`` does, all on one connection.
///
/// It belongs to the closure that it is given to, and to one task: it is not `Sendable`, so that two tasks cannot use
/// its connection at the same time, and it refuses everything after its end. An async function that is given one says
/// that it stays with its caller's task, or the compiler refuses the call:
///
/// ```swift
/// nonisolated(nonsending) func add(_ note: Note, in transaction: Transaction) async throws {
///     try await transaction.insert(note, into: "note")
/// }
/// ```
///
/// After a statement that the server has refused the transaction can only be rolled back, with whatever database:
/// PostgreSQL is like that, and a closure that works with one database works with the others. What may fail goes into a
/// nested transaction.
public final class Transaction: Queryable {
    let session: TransactionSession
    private var isOver = false

    init(_ session: TransactionSession) {
        self.session = session
    }

    /// A transaction on a connection whose `BEGIN` and `COMMIT` are the caller's own, or that is in none at all.
    package convenience init(adopting connection: any Connection, of database: Database) {
        self.init(TransactionSession(connection, of: database, checksState: false))
    }

    /// The place where statements go to. For the library's own use.
    public var statementTarget: StatementTarget { StatementTarget(.transaction(self)) }

    package var dialect: Dialect { session.dialect }

    /// Makes a later use an error.
    package func finish() { isOver = true }

    /// Runs `body` in a nested transaction: a savepoint. If it throws, only what it has done is rolled back, and this
    /// transaction goes on.
    ///
    /// ```swift
    /// do {
    ///     try await transaction.transaction { try await $0.insert(tag, into: "tag") }
    /// } catch let error as DatabaseError where error.isUnique {
    ///     // The tag is there already.
    /// }
    /// ```
    @discardableResult
    public func transaction<Result>(_ body: (Transaction) async throws -> Result) async throws -> Result {
        try refuseAfterEnd(nil)
        let depth = try await session.beginSavepoint()
        let inner = Transaction(session)
        do {
            let result = try await body(inner)
            inner.finish()
            try await session.release(depth)
            return result
        } catch {
            inner.finish()
            await session.rollBack(to: depth)
            throw error
        }
    }

    /// Has `work` done after the commit: mail, caches, messages. If this transaction, or the nested one that it was
    /// added in, is rolled back, it is not done at all.
    ///
    /// It is done before ``Database/transaction(_:retries:_:)`` returns, in the order in which it was added, and may
    /// use the database.
    public func afterCommit(_ work: @escaping @Sendable () async -> Void) {
        guard !isOver else { return }
        session.addAfterCommit(work)
    }

    /// Takes a lock of that name, for this transaction alone, and keeps it until the transaction's end: for what no row
    /// stands for. Waits for whoever has it.
    ///
    /// PostgreSQL has an advisory lock for it, MySQL a lock of that name. On SQLite a transaction that writes is alone
    /// in any case.
    /// - Throws: `.timeout` if it cannot be had within the settings' `lock-timeout`.
    public func lock(_ name: String) async throws(DatabaseError) {
        try refuseAfterEnd(nil)
        switch dialect {
        case .postgreSQL: try await execute("SELECT pg_advisory_xact_lock(\(LockName.own(name).number))")
        case .mySQL: try await lockByName(name)
        case .sqlite: return
        }
    }

    private func lockByName(_ name: String) async throws(DatabaseError) {
        let key = LockName.own(name).key
        let limit = session.database.settings.lockTimeout
        let seconds = limit == .zero ? 31_536_000 : (limit.milliseconds + 999) / 1_000
        let taken = try await first("SELECT GET_LOCK(\(key), \(seconds))", Int?.self)
        guard taken == .some(1) else {
            throw session.fail(
                DatabaseError(.timeout, "the lock \"\(name)\" was not free within lock-timeout (\(limit.brief))"))
        }
        session.addLock(releasedBy: "DO RELEASE_LOCK(\(key))")
    }

    func run(_ sql: SQL, into sink: (any RowSink)?) async throws(DatabaseError) -> Changes {
        try refuseAfterEnd(sql)
        return try await session.run(sql, into: sink)
    }

    func refuseAfterEnd(_ sql: SQL?) throws(DatabaseError) {
        guard !isOver else { throw .usage("the transaction is over: do not keep it beyond its closure", sql) }
    }
}
