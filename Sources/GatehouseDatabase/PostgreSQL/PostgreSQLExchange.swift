/// The statement or the batch that a connection carries out. One value serves all that follow each other, so that its
/// arrays are allocated once.
struct PostgreSQLExchange {
    /// One statement with the place of its values.
    struct Job {
        let sql: SQL
        let statement: PreparedStatement
        let firstParameter: Int
        let parameters: Int
        /// Whether the result has a few rows at most, and is taken as a whole.
        let isShort: Bool
        var sink: (any RowSink)?
        var changes = Changes()
    }

    /// One message's answer that is still to come, in the order of the answers.
    enum Step {
        case prepare(Int)
        case execute(Int)
        /// The removal of a statement that is no longer in use, by its place in `removals`; a failure harms nothing.
        case remove(Int)
        case sync
        /// A Sync that is sent when all results before it have been read, since it commits.
        case heldSync
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
    /// The names of statements to remove from the server.
    var removals: [String] = []
    /// The step whose answer comes next.
    var position = 0
    /// Set while the exchange runs.
    var completion: Completion?
    var isPipelined = false
    /// Whether prepared statements are used.
    var prepares = true
    /// Whether a statement removes prepared statements.
    var forgetsStatements = false
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
    /// Whether a sink has refused a row.
    var isRefused = false
    /// The bytes of rows that nobody wanted.
    var drained = 0
    /// Answers that had no place; some are harmless.
    var surplus = 0
    /// Tells this exchange from the next one.
    private(set) var serial: UInt64 = 0

    /// Whether there is an error. `failure != nil` would compare errors, which costs more than the exchange's end.
    var hasFailed: Bool { if case .some = failure { true } else { false } }

    var isRunning: Bool { completion != nil }

    var isBatch: Bool { if case .batch? = completion { true } else { false } }

    /// Whether a sink can still refuse a row after a statement that writes, so that the transaction must wait for it.
    var mayBeRefused: Bool {
        isBatch && jobs.contains { $0.sink != nil } && jobs.contains { !$0.statement.traits.isRead }
    }

    /// Whether the outcome waits for a Sync that has not been sent.
    var holdsSync: Bool { if case .heldSync? = steps.last { true } else { false } }

    /// Whether the server has answered everything and waits for the Sync that has not been sent: it runs nothing.
    var awaitsSync: Bool { if case .heldSync? = step { true } else { false } }

    /// Whether the rest of the running statement can be given up together with the connection: nobody waits for what it
    /// does, nor for another statement.
    var canBeLeft: Bool { jobs.count == 1 && !isBatch && jobs[0].statement.traits.isRead }

    /// Whether a statement after the one that is being answered has no answer.
    var hasUnanswered: Bool {
        steps.dropFirst(position + 1).contains { if case .execute = $0 { true } else { false } }
    }

    var step: Step? { position < steps.count ? steps[position] : nil }

    /// The outcome on its way to the caller, who may use the connection again as soon as he hears of it.
    enum Report {
        case one((Result<Changes, DatabaseError>) -> Void, Result<Changes, DatabaseError>)
        case batch((Result<[Changes], DatabaseError>) -> Void, Result<[Changes], DatabaseError>)

        func deliver() {
            switch self {
            case .one(let completion, let result): completion(result)
            case .batch(let completion, let result): completion(result)
            }
        }
    }

    /// Ends the exchange.
    /// - Returns: the outcome; `nil` if nothing was running.
    mutating func end() -> Report? {
        guard let completion = completion.take() else { return nil }
        let report: Report =
            switch completion {
            case .one(let completion):
                if hasFailed, let failure {
                    .one(completion, .failure(failure))
                } else {
                    .one(completion, .success(jobs.isEmpty ? Changes() : jobs[0].changes))
                }
            case .batch(let completion):
                if let failure {
                    .batch(completion, .failure(failure))
                } else {
                    .batch(completion, .success(jobs.map(\.changes)))
                }
            }
        reset()
        return report
    }

    private mutating func reset() {
        if isPipelined { forgetPreparation() }
        jobs.clear()
        rewind()
        forgetsStatements = false
        attempts = 0
        hasDelivered = false
        isPaused = false
        isSliced = false
        isStopping = false
        isRefused = false
        drained = 0
        serial &+= 1
    }

    /// Takes back that statements are being prepared.
    func forgetPreparation() {
        for job in jobs { job.statement.isBeingPrepared = false }
    }

    /// Forgets the answers, so that the statements can be sent again.
    mutating func rewind() {
        steps.clear()
        if !removals.isEmpty { removals = [] }
        position = 0
        isPipelined = false
        if hasFailed { failure = nil }
        renewal = nil
        surplus = 0
    }

    /// Tells the sinks that they have all rows, unless there is an error already.
    /// - Returns: whether none of them refuses its result.
    mutating func endSinks() -> Bool {
        guard !hasFailed else { return true }
        for (index, job) in jobs.enumerated() {
            do throws(DatabaseError) { try job.sink?.end() } catch {
                fail(error, job: index)
                return false
            }
        }
        return true
    }

    /// Records the first error.
    mutating func fail(_ error: DatabaseError, job: Int?) {
        guard !hasFailed else { return }
        var error = error
        if let job, job < jobs.count {
            error = error.of(jobs[job].sql)
            if jobs.count > 1 { error.message = "statement \(job + 1) of \(jobs.count): \(error.message)" }
        }
        failure = error
    }
}

extension Array {
    /// Empties the array and keeps its memory. The only element that there is mostly leaves by the short way.
    mutating func clear() {
        if count == 1 { removeLast() } else { removeAll(keepingCapacity: true) }
    }
}
