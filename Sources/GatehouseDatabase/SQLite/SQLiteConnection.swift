import GatehouseServer

/// A thread that somebody has for himself, with its connection.
///
/// Under the file's lock, except that `isTainted` is the thread's; hence unchecked.
final class SQLiteLease: @unchecked Sendable {
    let purpose: Purpose
    let thread: SQLiteThread
    /// The moment when it began, in nanoseconds of the monotonic clock.
    let since: Int64
    weak var connection: SQLiteConnection?
    /// The next work.
    var request: SQLiteJob?
    /// Whether the sink takes rows again. It may be set before the thread has seen the `pause` that it answers.
    var isResumed = false
    var isReleased = false
    var isClosed = false
    /// Whether the thread has gone, since nothing came for too long.
    var isExpired = false
    /// Whether the connection must not be another's.
    var isTainted = false

    init(_ purpose: Purpose, _ thread: SQLiteThread, since: Int64) {
        self.purpose = purpose
        self.thread = thread
        self.since = since
    }

    var isOver: Bool { isReleased || isClosed || isExpired }
}

/// A connection for one caller. Its statements run on the lease's thread.
///
/// Confined to its loop; hence unchecked.
final class SQLiteConnection: Connection, @unchecked Sendable {
    let loop: HandlerLoop
    let lease: SQLiteLease
    private let file: SQLiteFile
    private(set) var state = ConnectionState.idle
    private(set) var isTainted = false
    var onLoss: (() -> Void)?

    private enum Completion {
        case statement((Result<Changes, DatabaseError>) -> Void)
        case batch((Result<[Changes], DatabaseError>) -> Void)
    }
    private var job: SQLiteJob?
    private var completion: Completion?
    private var isCancelled = false

    init(_ lease: SQLiteLease, of file: SQLiteFile, on loop: HandlerLoop) {
        self.lease = lease
        self.file = file
        self.loop = loop
    }

    deinit {
        // A caller who forgets to give it back must not keep the thread.
        file.release(lease)
    }

    func start(
        _ statement: SQL, into sink: (any RowSink)?,
        completion: @escaping (Result<Changes, DatabaseError>) -> Void
    ) {
        begin(SQLiteJob(.statement(statement, sink)), .statement(completion))
    }

    func start(batch: [BatchStatement], completion: @escaping (Result<[Changes], DatabaseError>) -> Void) {
        begin(SQLiteJob(.batch(batch)), .batch(completion))
    }

    func resume() { file.resume(lease) }

    func cancel() {
        guard let job else { return }
        isCancelled = true
        file.stop(job, .cancelled)
    }

    func close() {
        state = .unusable
        file.close(lease, job)
    }

    private func begin(_ job: SQLiteJob, _ completion: Completion) {
        guard self.job == nil else {
            let error = DatabaseError.usage("the connection runs another statement: one at a time", job.sql)
            return Self.call(completion, .failure(error))
        }
        guard state != .unusable else {
            let error = DatabaseError(.connectionLost(sent: false), "the connection is closed").of(job.sql)
            return Self.call(completion, .failure(error))
        }
        if let error = file.submit(job, to: lease) {
            state = .unusable
            return Self.call(completion, .failure(error))
        }
        self.job = job
        self.completion = completion
        state = .busy
    }

    /// The end of a statement.
    func finish(_ job: SQLiteJob, _ outcome: SQLiteOutcome, _ after: ConnectionState, isTainted: Bool) {
        guard let completion, job === self.job else { return }
        self.job = nil
        self.completion = nil
        if isTainted { self.isTainted = true }
        if state != .unusable { state = isCancelled ? .unusable : after }
        Self.call(completion, outcome)
    }

    /// The thread has gone, since nothing came for too long.
    func expire() {
        state = .unusable
    }

    private static func call(_ completion: Completion, _ outcome: SQLiteOutcome) {
        switch (completion, outcome) {
        case (.statement(let action), .changes(let changes)): action(.success(changes))
        case (.statement(let action), .failure(let error)): action(.failure(error))
        case (.batch(let action), .batch(let changes)): action(.success(changes))
        case (.batch(let action), .failure(let error)): action(.failure(error))
        default: break
        }
    }
}
