import GatehouseServer
import GatehouseSystem
import Synchronization

/// Leases: the thread serves one caller until he gives it back.
extension SQLiteThread {
    /// Gives the thread to a caller and serves him.
    func lend(_ job: SQLiteJob, for purpose: Purpose, on loop: HandlerLoop) {
        let handle: SQLiteHandle
        do {
            handle = try opened()
        } catch {
            return finish(job, .failure(error))
        }
        let lease = SQLiteLease(purpose, self, since: MonotonicClock.nanoseconds())
        do {
            let connection = SQLiteConnection(lease, of: file, on: loop)
            lease.connection = connection
            file.lock.withLock {
                current = nil
                mood = .leased
                self.lease = lease
                crew.leased += 1
            }
            finish(job, .lease(connection))
        }
        flush()
        file.wake(crew)
        file.isLent()
        serve(lease, on: handle)
        running = nil
        let isUnclean = !rollBack(handle) || lease.isTainted
        file.lock.withLock {
            current = nil
            mood = .awake
            self.lease = nil
            crew.leased -= 1
        }
        if isUnclean, file.location != .memory { closeHandle() }
    }

    private func serve(_ lease: SQLiteLease, on handle: SQLiteHandle) {
        while let job = nextRequest(of: lease) {
            running = job
            let outcome: SQLiteOutcome
            do throws(DatabaseError) {
                if let error = stopError(job) { throw error }
                outcome = try run(job, of: lease, on: handle)
            } catch {
                outcome = .failure(error)
            }
            running = nil
            answer(job, of: lease, outcome, handle.isBroken ? .unusable : handle.isIdle ? .idle : .inTransaction)
        }
    }

    private static let gone = DatabaseError(.connectionLost(sent: false), "the connection was closed")

    private func answer(
        _ job: SQLiteJob, of lease: SQLiteLease, _ outcome: SQLiteOutcome, _ state: ConnectionState
    ) {
        let (connection, isTainted) = (lease.connection, lease.isTainted)
        connection?.loop.run { connection?.finish(job, outcome, state, isTainted: isTainted) }
    }

    /// Waits for the next statement; `nil` at the lease's end.
    private func nextRequest(of lease: SQLiteLease) -> SQLiteJob? {
        let limit = lease.purpose == .migration ? .max : file.idleTransactionTimeout
        let deadline = MonotonicClock.moment(after: limit)
        var unanswered: SQLiteJob?
        let job: SQLiteJob? = file.lock.withLock {
            current = nil
            while !lease.isOver {
                if let job = lease.request {
                    lease.request = nil
                    job.state = .taken
                    job.thread = self
                    current = job
                    return job
                }
                if !bell.sleep(until: deadline, file.lock), lease.request == nil { lease.isExpired = true }
            }
            // One that came together with the end is not run, but answered.
            unanswered = lease.request
            lease.request = nil
            return nil
        }
        if let unanswered { answer(unanswered, of: lease, .failure(stopError(unanswered) ?? Self.gone), .unusable) }
        if job == nil, lease.isExpired {
            let connection = lease.connection
            connection?.loop.run { connection?.expire() }
        }
        return job
    }

    private func run(
        _ job: SQLiteJob, of lease: SQLiteLease, on handle: SQLiteHandle
    ) throws(DatabaseError) -> SQLiteOutcome {
        switch job.work {
        case .lease: return .changes(Changes())
        case .statement(let sql, let sink): return .changes(try run(sql, into: sink, of: lease, on: handle))
        case .batch(let statements):
            let isOutermost = handle.isIdle
            do throws(DatabaseError) {
                let text: StaticString =
                    !isOutermost ? "SAVEPOINT batch" : crew.role == .writer ? "BEGIN IMMEDIATE" : "BEGIN"
                try begin(text, limit: statementLimit(of: lease), on: handle)
                var changes: [Changes] = []
                for one in statements {
                    changes.append(try run(one.sql, into: one.sink, of: lease, on: handle))
                    try one.end()
                }
                try handle.execute(isOutermost ? "COMMIT" : "RELEASE batch")
                return .batch(changes)
            } catch {
                undisturbed { Self.undoBatch(on: handle, isOutermost: isOutermost) }
                throw error
            }
        }
    }

    private static func undoBatch(on handle: SQLiteHandle, isOutermost: Bool) {
        guard !handle.isIdle else { return }
        do {
            try handle.execute(isOutermost ? "ROLLBACK" : "ROLLBACK TO batch")
            if !isOutermost { try handle.execute("RELEASE batch") }
        } catch {
            // The caller finds the transaction gone.
            try? handle.execute("ROLLBACK")
        }
    }

    private func run(
        _ sql: SQL, into sink: (any RowSink)?, of lease: SQLiteLease, on handle: SQLiteHandle
    ) throws(DatabaseError) -> Changes {
        let statement = try handle.prepared(sql)
        if crew.role == .readers, !statement.isReadOnly {
            throw DatabaseError(
                .usage, "the statement writes, in a `read` or a stream: use `transaction`, or `all` for its rows",
                statement: sql.written)
        }
        if statement.taints { lease.isTainted = true }
        let begins = handle.isIdle && statement.controlsTransaction
        return try timed(statement, limit: statementLimit(of: lease, begins: begins)) { () throws(DatabaseError) in
            guard let sink else { return try handle.run(statement, sql) { () throws(DatabaseError) in true } }
            return try handle.run(statement, sql) { () throws(DatabaseError) in
                switch try sink.take(statement.row) {
                case .more: return true
                case .stop: return false
                case .pause: return try waitForSink(of: lease)
                }
            }
        }
    }

    /// The nanoseconds that a statement may take. A migration takes as long as its table is big; but its transaction
    /// begins soon or not at all, whatever `lock-timeout` is, because who migrates tries again, and not for ever.
    private func statementLimit(of lease: SQLiteLease, begins: Bool = false) -> Int64 {
        guard lease.purpose == .migration else { return file.statementTimeout }
        return begins ? 1_000_000_000 : .max
    }

    /// Waits until the sink takes rows again; answers whether it does. The time does not count for the statement.
    private func waitForSink(of lease: SQLiteLease) throws(DatabaseError) -> Bool {
        let began = MonotonicClock.nanoseconds()
        let end = limit.exchange(.max, ordering: .relaxed)
        let goesOn = file.lock.withLock {
            while !lease.isResumed, !lease.isOver, running?.isStopped != true {
                _ = bell.sleep(until: .max, file.lock)
            }
            lease.isResumed = false
            return !lease.isOver
        }
        if end != .max { limit.store(end + MonotonicClock.nanoseconds() - began, ordering: .relaxed) }
        if let job = running, let error = stopError(job) { throw error }
        return goesOn
    }
}
