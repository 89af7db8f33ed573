import GatehouseSystem

/// Writing: the statements of all callers that wait are one transaction (group commit). Each caller hears of his own
/// only, after the commit.
extension SQLiteThread {
    /// The most statements of one transaction.
    private static let groupLimit = 128
    /// The nanoseconds after which a transaction takes no more statements, since other processes wait.
    private static let groupTime: Int64 = 5_000_000
    /// The most rows of `RETURNING` that are kept until the commit.
    static let keptRowLimit = 1_000

    /// Runs a statement or a batch, and with it what waits behind it.
    func write(_ job: SQLiteJob) {
        let handle: SQLiteHandle
        do {
            handle = try opened()
        } catch {
            return finish(job, .failure(error))
        }
        if !job.isAlone, file.lock.withLock({ crew.jobs.first.map { !$0.isAlone } ?? false }) {
            writeGroup(job, on: handle)
        } else {
            writeAlone(job, on: handle)
        }
    }

    /// Runs a job in a transaction of its own, or in none if it must not be in one (`VACUUM`, `PRAGMA`).
    private func writeAlone(_ job: SQLiteJob, on handle: SQLiteHandle) {
        var isTainted = false
        do throws(DatabaseError) {
            job.start?.markNow()
            switch job.work {
            case .statement(let sql, let sink):
                let statement = try handle.prepared(sql)
                try refuseControl(statement, sql)
                isTainted = statement.taints
                finish(job, .changes(try runLive(statement, sql, sink, on: handle)))
            case .batch(let statements):
                for one in statements where try handle.prepared(one.sql).taints { isTainted = true }
                finish(job, .batch(try runLive(statements, on: handle, beginning: "BEGIN IMMEDIATE")))
            case .lease: break
            }
        } catch {
            finish(job, .failure(error))
            if isLocked(handle) { failThoseWhoWaitedAsLong(error) }
        }
        // The next caller must not find the settings and temporary tables of this one.
        if isTainted, file.location != .memory { closeHandle() }
    }

    private func writeGroup(_ first: SQLiteJob, on handle: SQLiteHandle) {
        do {
            try begin("BEGIN IMMEDIATE", limit: file.statementTimeout, on: handle)
        } catch {
            finish(first, .failure(stopError(first) ?? error))
            if isLocked(handle) { failThoseWhoWaitedAsLong(error) }
            // An interruption may be its outcome even if it has begun.
            rollBack(handle)
            return
        }
        var members: [SQLiteMember] = []
        var rest: SQLiteJob?
        let began = MonotonicClock.nanoseconds()
        var job: SQLiteJob? = first
        while let candidate = job {
            running = candidate
            candidate.start?.markNow()
            do throws(DatabaseError) {
                if let member = try join(candidate, on: handle) { members.append(member) } else { rest = candidate }
            } catch {
                finish(candidate, .failure(error))
            }
            // SQLite has rolled all back: by a full disk, an interruption, or ROLLBACK in a trigger. Whoever is not to
            // blame runs again, alone.
            if handle.isIdle { return runAgain(members.map(\.job) + (rest.map { [$0] } ?? [])) }
            let isFull = members.count >= Self.groupLimit || MonotonicClock.nanoseconds() - began > Self.groupTime
            job = rest == nil && !isFull ? takeGroupable() : nil
        }
        // Nobody is interrupted by the commit, nor it by anybody.
        file.lock.withLock { current = nil }
        running = nil
        do {
            try handle.execute("COMMIT")
        } catch {
            rollBack(handle)
            // A deferred foreign key, or the disk: each finds out by himself.
            if members.count > 1 || rest != nil { return runAgain(members.map(\.job) + (rest.map { [$0] } ?? [])) }
            for member in members { finish(member.job, .failure(error)) }
            return
        }
        for member in members { finish(member.job, member.outcomeAfterCommit()) }
        flush()
        if let rest { runAgain([rest]) }
    }

    private func runAgain(_ jobs: [SQLiteJob]) {
        for job in jobs { job.isAlone = true }
        file.putBack(jobs, to: crew)
    }

    /// Runs a job inside the open transaction. `nil` if it must run alone; nothing of it has happened then.
    private func join(_ job: SQLiteJob, on handle: SQLiteHandle) throws(DatabaseError) -> SQLiteMember? {
        if let error = stopError(job) { throw error }
        let member = SQLiteMember(job)
        switch job.work {
        case .lease: return nil
        case .statement(let sql, _):
            let statement = try handle.prepared(sql)
            try refuseControl(statement, sql)
            guard !statement.isReadOnly, !statement.taints else { return nil }
            // A statement that fails undoes itself, as it does outside of a transaction.
            if !statement.hasRows {
                member.changes.append(
                    try timed(statement, limit: file.statementTimeout) { () throws(DatabaseError) in
                        try handle.run(statement, sql) { () throws(DatabaseError) in true }
                    })
                return member
            }
            return try inSavepoint(member, [BatchStatement(sql)], on: handle)
        case .batch(let statements):
            for one in statements {
                let statement = try handle.prepared(one.sql)
                try refuseControl(statement, one.sql)
                if statement.taints { return nil }
            }
            return try inSavepoint(member, statements, on: handle)
        }
    }

    private func inSavepoint(
        _ member: SQLiteMember, _ statements: [BatchStatement], on handle: SQLiteHandle
    ) throws(DatabaseError) -> SQLiteMember? {
        var isWhole = true
        do throws(DatabaseError) {
            try handle.execute("SAVEPOINT caller")
            for one in statements where isWhole {
                let statement = try handle.prepared(one.sql)
                var rows: [SQLiteKeptRow] = []
                let changes = try timed(statement, limit: file.statementTimeout) { () throws(DatabaseError) in
                    try handle.run(statement, one.sql) { () throws(DatabaseError) in
                        isWhole = rows.count < Self.keptRowLimit
                        if isWhole { rows.append(statement.keptRow()) }
                        return isWhole
                    }
                }
                member.changes.append(changes)
                member.rows.append(rows)
            }
            if isWhole {
                try handle.execute("RELEASE caller")
                return member
            }
        } catch {
            if !handle.isIdle { undoSavepoint(on: handle) }
            throw error
        }
        undoSavepoint(on: handle)
        return nil
    }

    private func undoSavepoint(on handle: SQLiteHandle) {
        undisturbed {
            do {
                try handle.execute("ROLLBACK TO caller")
                try handle.execute("RELEASE caller")
            } catch {
                // There is no such savepoint, or the disk fails: the others run again, each alone.
                try? handle.execute("ROLLBACK")
            }
        }
    }

    // MARK: A locked file

    private func isLocked(_ handle: SQLiteHandle) -> Bool { handle.lastCode.primary == .busy }

    /// Fails the jobs that have waited as long for the lock as the one that gave up: otherwise each of a hundred
    /// callers would wait for all before him.
    private func failThoseWhoWaitedAsLong(_ error: DatabaseError) {
        let latest = MonotonicClock.nanoseconds() - file.lockTimeout
        for job in file.takeWaiting(in: crew, since: latest) {
            var own = error
            own.statement = job.written
            finish(job, .failure(own))
        }
    }
}

/// A caller's part of a transaction that is not committed yet.
final class SQLiteMember {
    let job: SQLiteJob
    var changes: [Changes] = []
    /// The rows of each statement, for its sink.
    var rows: [[SQLiteKeptRow]] = []

    init(_ job: SQLiteJob) { self.job = job }

    /// Gives a statement's rows to its sink. An error of the sink undoes nothing: as on a server, the statement is
    /// carried out. A batch that has a sink is in no group.
    func outcomeAfterCommit() -> SQLiteOutcome {
        do throws(DatabaseError) {
            guard case .statement(let sql, let sink) = job.work, let changes = changes.first else {
                return .batch(changes)
            }
            try give(rows.first ?? [], of: sql, to: sink)
            return .changes(changes)
        } catch {
            return .failure(error)
        }
    }

    private func give(
        _ rows: [SQLiteKeptRow], of sql: SQL, to sink: (any RowSink)?
    ) throws(DatabaseError) {
        guard let sink else { return }
        do {
            for row in rows where try sink.take(row) == .stop { return }
        } catch {
            throw error.of(sql)
        }
    }
}
