/// The statement or the batch that a connection carries out. One value serves all that follow each other, so that its
/// arrays are allocated once.
struct PostgreSQLExchange {
    /// One statement with the place of its values.
    struct Job {
        let sql: SQL
        let statement: PreparedStatement
        let firstParameter: Int
        let parameters: Int
        var sink: (any RowSink)?
        var changes = Changes()
    }

    /// One message's answer that is still to come, in the order of the answers.
    enum Step {
        case prepare(Int)
        case execute(Int)
        /// The removal of a statement that is no longer in use, by its name; a failure harms nothing.
        case remove(String)
        case sync
    }

    enum Completion {
        case one((Result<Changes, DatabaseError>) -> Void)
        case batch((Result<[Changes], DatabaseError>) -> Void)
    }

    /// The reason to prepare a statement anew.
    enum Renewal {
        /// The server has no statement of the name.
        case lost(Int)
        /// The columns of the result have changed, or the name is another statement's.
        case stale(Int)
    }

    var jobs: [Job] = []
    var steps: [Step] = []
    /// The step whose answer comes next.
    var position = 0
    /// Set while the exchange runs.
    var completion: Completion?
    var isPipelined = false
    /// Whether prepared statements are used.
    var prepares = true
    var beganInTransaction = false
    var failure: DatabaseError?
    var renewal: Renewal?
    var attempts = 0
    /// Whether a sink has a row already, so that the statement cannot be run again behind its back.
    var hasDelivered = false
    /// Whether the sink waits for `resume()`.
    var isPaused = false
    /// Whether a later turn of the loop goes on with rows that are there.
    var isSliced = false
    /// Whether the remaining rows are of no interest.
    var isStopping = false
    /// The bytes of rows that nobody wanted.
    var drained = 0
    /// Answers that had no place; some are harmless.
    var surplus = 0
    /// Tells this exchange from the next one.
    private(set) var serial: UInt64 = 0

    var isRunning: Bool { completion != nil }

    var step: Step? { position < steps.count ? steps[position] : nil }

    /// Ends the exchange.
    /// - Returns: the way to tell the caller; `nil` if it has been told.
    mutating func end() -> (() -> Void)? {
        guard let completion else { return nil }
        let failure = failure
        let report: () -> Void
        switch completion {
        case .one(let report1):
            let changes = jobs.first?.changes ?? Changes()
            report = { report1(failure.map { .failure($0) } ?? .success(changes)) }
        case .batch(let reportAll):
            let changes = jobs.map(\.changes)
            report = { reportAll(failure.map { .failure($0) } ?? .success(changes)) }
        }
        reset()
        return report
    }

    private mutating func reset() {
        for job in jobs where job.statement.isBeingPrepared { job.statement.isBeingPrepared = false }
        jobs.removeAll(keepingCapacity: true)
        rewind()
        completion = nil
        attempts = 0
        hasDelivered = false
        isPaused = false
        isSliced = false
        isStopping = false
        drained = 0
        serial &+= 1
    }

    /// Forgets the answers, so that the statements can be sent again.
    mutating func rewind() {
        steps.removeAll(keepingCapacity: true)
        position = 0
        isPipelined = false
        failure = nil
        renewal = nil
        surplus = 0
    }

    /// Records the first error.
    mutating func fail(_ error: DatabaseError, job: Int?) {
        guard failure == nil else { return }
        var error = error
        if let job, job < jobs.count {
            if error.statement.isEmpty { error.statement = jobs[job].sql.written }
            if jobs.count > 1 { error.message = "statement \(job + 1) of \(jobs.count): \(error.message)" }
        }
        failure = error
    }
}
