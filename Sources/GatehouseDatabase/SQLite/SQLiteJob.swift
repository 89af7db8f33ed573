import GatehouseServer
import Synchronization

/// One piece of work for a thread of an SQLite file, and the caller who waits for it.
///
/// Given from thread to thread; its members are used under the file's lock, or by the thread that has it. Hence
/// unchecked.
final class SQLiteJob: @unchecked Sendable {
    enum Work {
        case statement(SQL, (any RowSink)?)
        case batch([BatchStatement])
        /// A connection for the caller alone, whose completions are called on the loop.
        case lease(Purpose, HandlerLoop)
    }

    enum State {
        /// Not given to any thread.
        case new
        case queued
        /// A thread has it; also when it is done.
        case taken
    }

    /// The reason for which a job is to end early.
    enum Stop: UInt8, AtomicRepresentable {
        case none
        case cancelled
        case closed
    }

    let work: Work
    /// Called on the thread as the work begins, for observers.
    let start: StatementStart?
    /// The caller who sleeps; `nil` for a statement of a lease.
    var caller: UnsafeContinuation<Void, Never>?
    private var outcome: SQLiteOutcome?
    var state = State.new
    /// The thread that has it.
    weak var thread: SQLiteThread?
    /// The moment when it was queued first, in nanoseconds of the monotonic clock.
    var queuedAt: Int64 = 0
    /// Whether it gets a transaction of its own, and none together with others. A batch with a sink does: a result that
    /// the sink refuses undoes the batch, so that it comes before the commit, and in a group it could come twice.
    var isAlone = false
    let stop = Atomic<Stop>(.none)
    private let fence = AnswerFence()

    init(_ work: Work, start: StatementStart? = nil) {
        self.work = work
        self.start = start
        if case .batch(let statements) = work { isAlone = statements.contains { $0.sink != nil } }
    }

    var isStopped: Bool { stop.load(ordering: .relaxed) != .none }

    /// The statement for messages, the first one of a batch.
    var sql: SQL? {
        switch work {
        case .statement(let sql, _): sql
        case .batch(let statements): statements.first?.sql
        case .lease: nil
        }
    }

    var written: String { sql?.written ?? "" }

    /// Gives the caller the outcome. Once.
    func deliver(_ outcome: SQLiteOutcome) {
        let caller = self.caller
        self.caller = nil
        self.outcome = outcome
        fence.close()
        caller?.resume()
    }

    /// The outcome, for the caller who goes on.
    func takeOutcome() -> SQLiteOutcome {
        fence.pass()
        // The thread keeps the job for as long as it serves a lease, and must not keep that lease's connection.
        defer { outcome = nil }
        return outcome ?? .failure(DatabaseError(.other, "the statement has no outcome", statement: written))
    }
}

/// The outcome of a job.
enum SQLiteOutcome: Sendable {
    case changes(Changes)
    case batch([Changes])
    case lease(SQLiteConnection)
    case failure(DatabaseError)
}

/// Jobs in the order in which they are taken.
struct SQLiteJobQueue {
    private var jobs: [SQLiteJob] = []
    private var head = 0

    var count: Int { jobs.count - head }
    var isEmpty: Bool { head == jobs.count }
    var first: SQLiteJob? { isEmpty ? nil : jobs[head] }

    mutating func append(_ job: SQLiteJob) { jobs.append(job) }

    mutating func takeFirst() -> SQLiteJob? {
        guard !isEmpty else { return nil }
        let job = jobs[head]
        head += 1
        if head == jobs.count {
            jobs.removeAll(keepingCapacity: head < 4_096)
            head = 0
        } else if head >= 1_024, head * 2 > jobs.count {
            jobs.removeFirst(head)
            head = 0
        }
        return job
    }

    /// Puts jobs back in front, in their order.
    mutating func putBack(_ first: [SQLiteJob]) {
        jobs.replaceSubrange(0..<head, with: first)
        head = 0
    }

    /// Takes out the jobs for which `condition` holds, wherever they are.
    mutating func removeAll(_ condition: (SQLiteJob) -> Bool) -> [SQLiteJob] {
        let out = jobs[head...].filter(condition)
        if !out.isEmpty {
            jobs = jobs[head...].filter { !condition($0) }
            head = 0
        }
        return out
    }
}
