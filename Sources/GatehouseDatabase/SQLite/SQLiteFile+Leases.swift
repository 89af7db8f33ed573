import CGatehouseDatabase
import GatehouseSystem

/// Leases, as their callers see them.
extension SQLiteFile {
    /// Gives the lease's thread a statement.
    /// - Returns: an error if it serves the caller no more.
    func submit(_ job: SQLiteJob, to lease: SQLiteLease) -> DatabaseError? {
        var isLookNeeded = false
        let now = MonotonicClock.nanoseconds()
        let isExpired: Bool? = lock.withLock {
            if lease.isOver { return lease.isExpired }
            lease.request = job
            lease.thread.bell.ring()
            isLookNeeded = orderLook(now)
            return nil
        }
        if isLookNeeded { lookLater() }
        switch isExpired {
        case nil: return nil
        case true?:
            return DatabaseError(
                .timeout,
                """
                the transaction was without a statement for longer than idle-transaction-timeout \
                (\(settings.idleTransactionTimeout.brief)), and was rolled back
                """, statement: job.written)
        case false?:
            return DatabaseError(.connectionLost(sent: false), "the connection is closed", statement: job.written)
        }
    }

    /// Lets a statement that has paused go on.
    func resume(_ lease: SQLiteLease) {
        lock.withLock {
            lease.isResumed = true
            lease.thread.bell.ring()
        }
    }

    /// Takes a lease back; what it left open is rolled back.
    func release(_ lease: SQLiteLease) {
        lock.withLock {
            guard !lease.isOver else { return }
            lease.isReleased = true
            if let job = lease.thread.current, lease.thread.lease === lease { lease.thread.interrupt(job) }
            lease.thread.bell.ring()
        }
    }

    /// Ends a lease and what runs in it.
    func close(_ lease: SQLiteLease, _ job: SQLiteJob?) {
        if let job { stop(job, .closed) }
        lock.withLock {
            lease.isClosed = true
            lease.thread.bell.ring()
        }
    }
}

extension SQLiteThread {
    /// Ends the statement that runs, if it is this job's, so that it cannot be the next one's. Under the lock.
    func interrupt(_ job: SQLiteJob) {
        guard current === job, let database else { return }
        gatehouse_sqlite_interrupt(database)
        // A job that waits for its sink, too.
        if lease != nil { bell.ring() }
    }
}
