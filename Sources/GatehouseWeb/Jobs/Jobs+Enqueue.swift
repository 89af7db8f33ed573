public import FoundationEssentials
public import GatehouseDatabase

extension Jobs {
    /// Adds a job. It is done by any worker that knows its kind, as soon as one is free.
    ///
    /// - Parameters:
    ///   - job: the work.
    ///   - delay: the time that it waits, by the database's clock.
    ///   - key: if a job of its kind with this key waits already, no second one is added; that one runs at the earlier
    ///     of the two moments. A job that has begun has no key any more: what it has not seen is done by the next one.
    ///     At most 200 bytes.
    /// - Returns: the job's id; `nil` if one with the same key waits already.
    /// - Throws: ``JobError`` for a job or a key that is too long, and `DatabaseError`.
    @discardableResult
    public func enqueue(
        _ job: some Job, after delay: Duration = .zero, unique key: String? = nil
    ) async throws -> UUID? {
        try await add(job, .after(delay), key, to: store.database, in: nil)
    }

    /// Adds a job that waits until a moment: see ``enqueue(_:after:unique:)``.
    @discardableResult
    public func enqueue(_ job: some Job, at moment: Date, unique key: String? = nil) async throws -> UUID? {
        try await add(job, .at(moment), key, to: store.database, in: nil)
    }

    /// Adds a job in the caller's transaction: it exists if, and only if, the transaction is committed, and nobody does
    /// it before. See ``enqueue(_:after:unique:)``.
    @discardableResult
    public func enqueue(
        _ job: some Job, after delay: Duration = .zero, unique key: String? = nil, in transaction: Transaction
    ) async throws -> UUID? {
        try await add(job, .after(delay), key, to: transaction, in: transaction)
    }

    /// Adds a job that waits until a moment, in the caller's transaction.
    @discardableResult
    public func enqueue(
        _ job: some Job, at moment: Date, unique key: String? = nil, in transaction: Transaction
    ) async throws -> UUID? {
        try await add(job, .at(moment), key, to: transaction, in: transaction)
    }

    private func add<Kind: Job>(
        _ job: Kind, _ due: JobStore.Due, _ key: String?, to place: some Queryable, in transaction: Transaction?
    ) async throws -> UUID? {
        guard Kind.name.utf8.count <= 100, !Kind.name.isEmpty else {
            throw JobError("the kind's name \"\(Kind.name)\" has more than 100 bytes, or none")
        }
        if let key, key.utf8.count > 200 { throw JobError("the key of the job \(Kind.name) has more than 200 bytes") }
        let payload = try JobPayload.encode(job)
        let id = try await store.insert(kind: Kind.name, payload, due, key: key, to: place)
        // A worker that is busy tells others; PostgreSQL's NOTIFY is not free, since commits with one wait in a line.
        if due.isNow, !work.canTakeMore(settings.concurrency) { try await store.notify(by: place) }
        if let transaction {
            transaction.afterCommit { [work] in work.noteDue(due) }
        } else {
            work.noteDue(due)
        }
        return id
    }
}
