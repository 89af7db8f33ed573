import CGatehouseSystem
import GatehouseSystem
import Glibc
import Synchronization

/// One thread with one connection to an SQLite file.
///
/// Members that are marked so are used under the file's lock, `isSlow` and `limit` from anywhere, all others on the
/// thread. Hence unchecked.
final class SQLiteThread: @unchecked Sendable {
    enum Mood {
        case awake
        case asleep
        /// Somebody has it for himself.
        case leased
        /// It takes nothing more.
        case ending
    }

    let file: SQLiteFile
    let crew: SQLiteCrew
    let bell = SQLiteBell()

    // Under the lock.
    var mood = Mood.awake
    /// The job whose statement can be interrupted.
    var current: SQLiteJob?
    /// The connection, for interrupting it.
    private(set) var database: OpaquePointer?
    /// Whether the connection is open; until it is closed altogether.
    private(set) var isOpen = false
    var lease: SQLiteLease?

    /// Whether what runs is not known to be quick.
    private let isSlow = Atomic<Bool>(false)
    /// The moment at which the statement that runs has taken too long.
    let limit = Atomic<Int64>(.max)

    // On the thread.
    private var handle: SQLiteHandle?
    private var finished: [(job: SQLiteJob, outcome: SQLiteOutcome)] = []
    private var slowAt: Int64 = 0
    /// Whether the thread has slept since it looked whether the file is still in its place, and when it looked.
    private var mayBeReplaced = false
    private var lookedAt: Int64 = 0
    /// The job whose statement runs.
    var running: SQLiteJob?

    init(_ file: SQLiteFile, _ crew: SQLiteCrew) {
        self.file = file
        self.crew = crew
    }

    /// Under the lock: whether the next job will not wait long for this thread.
    var isQuick: Bool { mood == .awake && !isSlow.load(ordering: .relaxed) }

    /// The thread's life.
    func main() {
        gatehouse_name_thread(crew.role == .writer ? "sqlite-writer" : "sqlite-reader")
        gatehouse_crash_stack()
        gatehouse_unblock_signals()
        while let job = next() {
            running = job
            if let error = stopError(job) {
                finish(job, .failure(error))
            } else {
                perform(job)
            }
            running = nil
            isSlow.store(false, ordering: .relaxed)
            if handle?.isBroken == true { closeHandle() }
        }
        handle?.tidyUp()
        closeHandle()
        file.hasEnded(self)
    }

    private func perform(_ job: SQLiteJob) {
        switch (job.work, crew.role) {
        case (.lease(let purpose, let loop), _): lend(job, for: purpose, on: loop)
        case (_, .readers): read(job)
        case (_, .writer): write(job)
        }
    }

    /// Waits for a job; `nil` if the thread is to end.
    private func next() -> SQLiteJob? {
        if finished.count >= 16 { flush() }
        if let job = take(sleeps: finished.isEmpty) { return job }
        guard !finished.isEmpty else { return nil }
        flush()
        return take(sleeps: true)
    }

    private func take(sleeps: Bool) -> SQLiteJob? {
        file.lock.withLock {
            current = nil
            while true {
                if let job = crew.jobs.takeFirst() {
                    job.state = .taken
                    job.thread = self
                    current = job
                    return job
                }
                guard sleeps else { return nil }
                guard file.phase == .serving else {
                    mood = .ending
                    return nil
                }
                // A database in memory ends with its connection.
                let deadline = file.location == .memory ? .max : MonotonicClock.moment(after: file.idle)
                mood = .asleep
                crew.idle.append(self)
                let isWoken = bell.sleep(until: deadline, file.lock)
                mood = .awake
                mayBeReplaced = true
                crew.idle.removeAll { $0 === self }
                if !isWoken, crew.jobs.isEmpty {
                    mood = .ending
                    return nil
                }
            }
        }
    }

    /// Under the lock: the next job for the same transaction, if it can be in one.
    func takeGroupable() -> SQLiteJob? {
        file.lock.withLock {
            guard let first = crew.jobs.first, !first.isAlone else { return nil }
            if case .lease = first.work { return nil }
            _ = crew.jobs.takeFirst()
            first.state = .taken
            first.thread = self
            current = first
            return first
        }
    }

    // MARK: The connection

    /// The connection, opened if it is not open.
    func opened() throws(DatabaseError) -> SQLiteHandle {
        if let handle, rollBack(handle) {
            guard mayBeReplaced || MonotonicClock.nanoseconds() - lookedAt > 1_000_000_000 else { return handle }
            mayBeReplaced = false
            lookedAt = MonotonicClock.nanoseconds()
            if !handle.isReplaced { return handle }
            closeHandle()
        }
        becomeSlow()
        limit.store(.max, ordering: .relaxed)
        let handle: SQLiteHandle
        do throws(DatabaseError) {
            handle = try SQLiteHandle(
                file.location, readsOnly: crew.role == .readers, lockTimeout: file.settings.lockTimeout,
                stepsPerLook: file.stepsPerLook
            ) { [unowned self] in shouldStop() }
        } catch {
            throw refined(error)
        }
        self.handle = handle
        file.lock.withLock {
            database = handle.database
            isOpen = true
        }
        return handle
    }

    /// Closes the connection, so that the next job opens it anew.
    func closeHandle() {
        guard handle != nil else { return }
        file.lock.withLock { database = nil }
        file.closing.withLock { handle = nil }
        file.lock.withLock { isOpen = false }
    }

    /// Rolls back what is open, unless that is nothing. The job that runs cannot interrupt it: in a transaction that
    /// stayed open the next callers' writes would look committed.
    /// - Returns: whether the connection is idle now; it is closed if not.
    @discardableResult
    func rollBack(_ handle: SQLiteHandle) -> Bool {
        if handle.isIdle { return true }
        undisturbed { try? handle.execute("ROLLBACK") }
        if handle.isIdle { return true }
        closeHandle()
        return false
    }

    /// Runs statements of ours that neither the job's end nor its limit interrupts.
    func undisturbed(_ body: () -> Void) {
        let job = running
        running = nil
        file.lock.withLock { current = nil }
        body()
        running = job
        file.lock.withLock { current = job }
    }

    // MARK: The statement that runs

    /// Runs one statement within its limit, and remembers how long it took.
    func timed(
        _ statement: SQLiteStatement, limit: Int64, _ body: () throws(DatabaseError) -> Changes
    ) throws(DatabaseError) -> Changes {
        let began = MonotonicClock.nanoseconds()
        slowAt = began + SQLiteStatement.quick
        self.limit.store(MonotonicClock.moment(after: limit), ordering: .relaxed)
        if !statement.isQuick { becomeSlow() }
        defer {
            self.limit.store(.max, ordering: .relaxed)
            statement.nanoseconds = MonotonicClock.nanoseconds() - began
        }
        do {
            return try body()
        } catch {
            throw refined(error)
        }
    }

    /// Begins a transaction, or a part of one. A wait for another process counts as a statement's time.
    func begin(_ text: StaticString, limit: Int64, on handle: SQLiteHandle) throws(DatabaseError) {
        self.limit.store(MonotonicClock.moment(after: limit), ordering: .relaxed)
        defer { self.limit.store(.max, ordering: .relaxed) }
        do {
            try handle.execute(text)
        } catch {
            throw refined(error)
        }
    }

    /// Called when the statement is not known to be quick: nobody's outcome waits for it, and no other job.
    func becomeSlow() {
        guard !isSlow.exchange(true, ordering: .relaxed) else { return }
        flush()
        file.wake(crew)
    }

    /// Asked by SQLite every so many steps, and while it waits for another process.
    private func shouldStop() -> Bool {
        let now = MonotonicClock.nanoseconds()
        if now > slowAt { becomeSlow() }
        return now > limit.load(ordering: .relaxed) || running?.isStopped == true
    }

    /// The error of a job that is to end early.
    func stopError(_ job: SQLiteJob) -> DatabaseError? {
        switch job.stop.load(ordering: .relaxed) {
        case .none: nil
        case .cancelled: .cancelled(job.sql)
        case .closed:
            DatabaseError(.connectionLost(sent: true), "the connection was closed", statement: job.written)
        }
    }

    /// The error with its cause, which SQLite does not know when it is interrupted.
    private func refined(_ error: DatabaseError) -> DatabaseError {
        guard let job = running, error.kind == .cancelled || error.kind == .timeout else { return error }
        if var stop = stopError(job) {
            stop.statement = error.statement
            return stop
        }
        guard error.kind == .cancelled else { return error }
        return DatabaseError(
            .timeout, "the statement took longer than statement-timeout (\(file.settings.statementTimeout.brief))",
            statement: error.statement)
    }

    // MARK: Outcomes

    /// Notes an outcome. It is delivered with others, so that the callers' loop is woken once.
    func finish(_ job: SQLiteJob, _ outcome: SQLiteOutcome) {
        finished.append((job, outcome))
    }

    /// Delivers all outcomes.
    func flush() {
        guard !finished.isEmpty else { return }
        for (job, outcome) in finished { job.deliver(outcome) }
        finished.removeAll(keepingCapacity: true)
    }
}
