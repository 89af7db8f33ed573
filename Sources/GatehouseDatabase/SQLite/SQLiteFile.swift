import GatehouseServer
import GatehouseSystem
import Synchronization

/// An SQLite file that is open in this process: its threads, and the jobs that wait for them.
///
/// All that changes is used under the lock; hence unchecked.
final class SQLiteFile: @unchecked Sendable {
    enum Phase {
        case serving
        /// Threads end when they have nothing to do.
        case draining
        /// And nothing new is taken.
        case shutDown
    }

    let location: SQLiteLocation
    let settings: DatabaseSettings
    /// Times of the settings, in nanoseconds; `Int64.max` for no limit.
    let idle, wait, statementTimeout, lockTimeout, idleTransactionTimeout: Int64
    /// The steps of a statement from one look whether it must end to the next: a thousand are some ten microseconds.
    let stepsPerLook: Int32
    let lock = SQLiteLock()
    /// Held while a connection is closed: of two that are closed at once, neither would find itself the last one, which
    /// copies the log into the file and removes it.
    let closing = SQLiteLock()

    let readers: SQLiteCrew
    let writer: SQLiteCrew
    private(set) var phase = Phase.serving
    private var whenEnded: [UnsafeContinuation<Void, Never>] = []
    /// The moment when the next look at all deadlines was ordered; 0 if none is.
    var lookOrderedAt: Int64 = 0

    init(_ location: SQLiteLocation, _ settings: DatabaseSettings, stepsPerLook: Int32) {
        self.stepsPerLook = stepsPerLook
        self.location = location
        self.settings = settings
        idle = settings.idle.limit
        wait = settings.wait.nanoseconds
        statementTimeout = settings.statementTimeout.limit
        lockTimeout = settings.lockTimeout.limit
        idleTransactionTimeout = settings.idleTransactionTimeout.limit
        readers = SQLiteCrew(.readers, limit: max(1, settings.connections))
        writer = SQLiteCrew(.writer, limit: 1)
    }

    /// The threads for work that only reads. What is in memory has one connection, which reads and writes.
    var readingCrew: SQLiteCrew { location == .memory ? writer : readers }

    // MARK: Jobs

    /// Gives a job to the threads. From anywhere.
    func push(_ job: SQLiteJob, to crew: SQLiteCrew) {
        var wanted = SQLiteCrew.Wanted.none
        var refusal: DatabaseError?
        var isLookNeeded = false
        let now = MonotonicClock.nanoseconds()
        lock.withLock {
            if job.isStopped {
                refusal = .cancelled(job.sql)
            } else if phase == .shutDown {
                refusal = DatabaseError(
                    .connectionLost(sent: false), "\(location.description) is closed", statement: job.written)
            } else {
                job.state = .queued
                job.queuedAt = now
                crew.jobs.append(job)
                wanted = crew.wanted(in: self)
                isLookNeeded = orderLook(now)
            }
        }
        if let refusal { return job.deliver(.failure(refusal)) }
        satisfy(wanted)
        if isLookNeeded { lookLater() }
    }

    /// Gives a job that the readers cannot do to the writer.
    func passOn(_ job: SQLiteJob) {
        let wanted = lock.withLock {
            job.state = .queued
            writer.jobs.append(job)
            return writer.wanted(in: self)
        }
        satisfy(wanted)
    }

    /// Puts jobs back in front of all others.
    func putBack(_ jobs: [SQLiteJob], to crew: SQLiteCrew) {
        lock.withLock {
            for job in jobs { job.state = .queued }
            crew.jobs.putBack(jobs)
        }
    }

    /// Takes out the jobs that wait since before a moment.
    func takeWaiting(in crew: SQLiteCrew, since moment: Int64) -> [SQLiteJob] {
        lock.withLock {
            crew.jobs.removeAll { job in
                if case .lease = job.work { return false }
                return job.queuedAt <= moment
            }
        }
    }

    /// Wakes or starts a thread if jobs wait that no thread takes soon.
    func wake(_ crew: SQLiteCrew) {
        satisfy(lock.withLock { crew.wanted(in: self) })
    }

    /// Ends a job early, wherever it is.
    func stop(_ job: SQLiteJob, _ reason: SQLiteJob.Stop) {
        let isQueued = lock.withLock {
            _ = job.stop.compareExchange(expected: .none, desired: reason, ordering: .relaxed)
            switch job.state {
            case .new: return false
            case .queued:
                let crews = [readers, writer]
                return crews.contains { !$0.jobs.removeAll { $0 === job }.isEmpty }
            case .taken:
                job.thread?.interrupt(job)
                return false
            }
        }
        if isQueued { job.deliver(.failure(.cancelled(job.sql))) }
    }

    func satisfy(_ wanted: SQLiteCrew.Wanted) {
        switch wanted {
        case .none: break
        case .ring(let thread): lock.withLock { thread.bell.ring() }
        case .start(let thread):
            do {
                try PlainThread.run { thread.main() }
            } catch {
                failAll(of: thread, "no thread for \(location.description): \(error)")
            }
        }
    }

    private func failAll(of thread: SQLiteThread, _ message: String) {
        let jobs: [SQLiteJob] = lock.withLock {
            thread.crew.threads.removeAll { $0 === thread }
            return thread.crew.threads.isEmpty ? thread.crew.jobs.removeAll { _ in true } : []
        }
        for job in jobs {
            job.deliver(.failure(DatabaseError(.connectionLost(sent: false), message, statement: job.written)))
        }
    }

    // MARK: The end

    /// Has idle threads end now, and the others when they have nothing to do.
    func drain() {
        lock.withLock {
            if phase == .serving { phase = .draining }
            for thread in readers.idle + writer.idle { thread.bell.ring() }
        }
    }

    /// Takes nothing new, and returns when all threads have ended but those that somebody has for himself.
    func shutDown() async {
        await withUnsafeContinuation { continuation in
            let hasEnded = lock.withLock {
                phase = .shutDown
                for thread in readers.idle + writer.idle { thread.bell.ring() }
                if isOver { return true }
                whenEnded.append(continuation)
                return false
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// Called by a thread at its end. Jobs that came since have another one.
    func hasEnded(_ thread: SQLiteThread) {
        var wanted = SQLiteCrew.Wanted.none
        let waiting = lock.withLock {
            thread.crew.threads.removeAll { $0 === thread }
            wanted = thread.crew.wanted(in: self)
            return takeEnded()
        }
        satisfy(wanted)
        for continuation in waiting { continuation.resume() }
    }

    /// Called by a thread that somebody has for himself from now on.
    func isLent() {
        for continuation in lock.withLock({ takeEnded() }) { continuation.resume() }
    }

    private var isOver: Bool {
        [readers, writer].allSatisfy { $0.threads.count <= $0.leased && $0.jobs.isEmpty }
    }

    private func takeEnded() -> [UnsafeContinuation<Void, Never>] {
        guard phase == .shutDown, isOver else { return [] }
        defer { whenEnded = [] }
        return whenEnded
    }
}

extension Duration {
    /// A limit of the settings in nanoseconds; `Int64.max` for `off`.
    var limit: Int64 { self == .zero ? .max : nanoseconds }
}

extension MonotonicClock {
    /// The moment after some nanoseconds; `Int64.max`, which never comes, for no limit.
    static func moment(after limit: Int64) -> Int64 {
        let (moment, isNever) = nanoseconds().addingReportingOverflow(limit)
        return isNever ? .max : moment
    }
}
