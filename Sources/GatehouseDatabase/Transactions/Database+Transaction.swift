extension Database {
    /// Runs `body` in a transaction: commits if it returns, rolls back if it throws.
    ///
    /// ```swift
    /// try await database.transaction { transaction in
    ///     try await transaction.execute("UPDATE account SET balance = balance - \(amount) WHERE id = \(from)")
    ///     try await transaction.execute("UPDATE account SET balance = balance + \(amount) WHERE id = \(to)")
    /// }
    /// ```
    ///
    /// It holds one of the few connections until it ends, so it waits for nothing but the database. The database itself
    /// refuses to be used inside. A cancelled task's transaction is rolled back; only a `COMMIT` that is on its way is
    /// waited for, so that its outcome is known.
    /// - Parameters:
    ///   - isolation: the isolation from other transactions.
    ///   - retries: the times that `body` is run again, after a pause, if the transaction met another one
    ///     (`.serialization`, `.deadlock`). It must not do anything but use the transaction then.
    ///   - body: the statements. The transaction that it is given is valid until it returns.
    /// - Returns: the result of `body`.
    /// - Throws: the error of `body`, or a ``DatabaseError``. `.connectionLost(sent: true)` means that the server has
    ///   not answered the `COMMIT`: the transaction may be committed or not.
    @discardableResult
    public func transaction<Result>(
        _ isolation: Isolation = .standard, retries: Int = 0, _ body: (Transaction) async throws -> Result
    ) async throws -> Result {
        var attempt = 0
        while true {
            do {
                return try await transaction(for: .transaction, TransactionSQL.begin(isolation, source.dialect), body)
            } catch let error as DatabaseError
                where attempt < retries && (error.kind == .serialization || error.kind == .deadlock)
            {
                attempt += 1
                try await Self.pause(before: attempt)
            }
        }
    }

    /// Runs `body` in a transaction that only reads, and sees the database as it was at one moment, whatever others
    /// commit meanwhile.
    @discardableResult
    public func read<Result>(_ body: (Transaction) async throws -> Result) async throws -> Result {
        try await transaction(for: .read, TransactionSQL.beginReading(source.dialect), body)
    }

    /// At random, so that transactions which met each other do not meet again.
    private static func pause(before attempt: Int) async throws(DatabaseError) {
        let longest = min(10_000 << min(attempt, 10), 500_000)
        do {
            try await Task.sleep(for: .microseconds(Int.random(in: longest / 4...longest)))
        } catch {
            throw .cancelled(nil)
        }
    }

    private func transaction<Result>(
        for purpose: Purpose, _ beginning: [SQL], _ body: (Transaction) async throws -> Result
    ) async throws -> Result {
        try refuseWhileHeld(beginning.last)
        let session = try await begin(purpose, beginning)
        let transaction = Transaction(session)
        let held = HeldConnection(of: self, isStream: false)
        let result: Result
        do {
            result = try await HeldConnection.$current.withValue(held) { try await body(transaction) }
            transaction.finish()
            try await session.commit()
        } catch {
            transaction.finish()
            await session.rollBackIfOpen()
            session.release()
            held.end()
            throw error
        }
        session.release()
        held.end()
        for work in session.takeAfterCommit() { await work() }
        return result
    }

    /// Begins a transaction on a connection of the pool. If that was lost without our knowing, it takes another one:
    /// nothing has happened yet.
    private func begin(_ purpose: Purpose, _ statements: [SQL]) async throws(DatabaseError) -> TransactionSession {
        var attempts = 0
        while true {
            let session = TransactionSession(try await source.acquire(for: purpose), of: self)
            do {
                try await session.begin(statements)
                return session
            } catch {
                session.release()
                attempts += 1
                guard error.kind == .connectionLost(sent: false), attempts <= settings.connections else { throw error }
            }
        }
    }
}
