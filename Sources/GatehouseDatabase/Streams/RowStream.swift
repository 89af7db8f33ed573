import GatehouseServer

/// One statement whose rows are read one by one. Used by one task.
final class RowStream<Reader: RowReader> {
    let sql: SQL
    private let connection: any Connection
    private let sink: StreamSink<Reader>
    /// The same, for closures that need not know the rows' type.
    private let end: any StreamEnd
    private var rows: [Reader.Row] = []
    private var next = 0
    /// The rows that were taken.
    private(set) var taken = 0
    private var isOver = false

    /// The time for a statement to end that nobody wants any more, before it is cancelled.
    static var stopGrace: Duration { .milliseconds(20) }
    /// The same inside a transaction, which does not outlive the cancellation.
    static var discardGrace: Duration { .seconds(1) }

    init(_ sql: SQL, on connection: any Connection, _ reader: Reader) {
        self.sql = sql
        self.connection = connection
        sink = StreamSink(reader)
        end = sink
    }

    /// Sends the statement, and waits for its first rows or its end.
    /// - Throws: its error, if there is one before the first row.
    func begin(expecting states: [ConnectionState]?) async throws(DatabaseError) {
        let (sql, connection, end) = (sql, connection, end)
        onLoop {
            if let states, !states.contains(connection.state) {
                return end.finish(.failure(.unexpected(connection.state, sql)))
            }
            connection.start(sql, into: end) { result in end.finish(result.mapError { $0.of(sql) }) }
        }
        await withCancellation { await sink.wait() }
        if let error = sink.errorBeforeRows { throw error }
    }

    /// Runs `body`, while a cancelled task's statement is cancelled.
    func withCancellation<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        let (connection, end, loop) = (connection, end, connection.loop)
        return try await withTaskCancellationHandler {
            try await body()
        } onCancel: {
            loop.run { if !end.hasEnded { connection.cancel() } }
        }
    }

    /// The next row; `nil` after the last one.
    func nextRow() async throws(DatabaseError) -> Reader.Row? {
        guard next == rows.count else {
            defer {
                next += 1
                taken += 1
            }
            return rows[next]
        }
        guard !isOver else { throw .usage("the stream is over: do not keep it beyond its closure", sql) }
        while true {
            switch sink.takeBatch() {
            case .rows(let batch, let resumes):
                if resumes { resume() }
                rows = batch
                next = 1
                taken += 1
                return batch[0]
            case .end(.success): return nil
            case .end(.failure(let error)): throw error
            case .nothingYet: await sink.wait()
            }
        }
    }

    /// Lets go of the stream: a statement that still runs is given up, and its connection closed unless the rest is
    /// small.
    /// - Parameter release: called when the connection can be given back.
    func stop(_ release: @escaping @Sendable () -> Void) {
        finish()
        if sink.abandon(.stop) { resume() }
        sink.whenEnded(release)
        cancelUnlessEnded(after: Self.stopGrace)
    }

    /// Lets go of the stream, and throws the rest of its rows away so that the transaction can go on.
    func discard() async -> Result<Changes, DatabaseError> {
        finish()
        if sink.abandon(.discard) { resume() }
        cancelUnlessEnded(after: Self.discardGrace)
        return await withCancellation { await sink.waitForEnd() }
    }

    private func finish() {
        isOver = true
        rows = []
        next = 0
    }

    private func resume() {
        let (connection, end) = (connection, end)
        onLoop { if !end.hasEnded { connection.resume() } }
    }

    private func cancelUnlessEnded(after delay: Duration) {
        let (connection, end, loop) = (connection, end, connection.loop)
        onLoop {
            guard !end.hasEnded else { return }
            loop.after(delay) { if !end.hasEnded { connection.cancel() } }
        }
    }

    private func onLoop(_ work: @escaping @Sendable () -> Void) {
        if connection.loop.isCurrent { work() } else { connection.loop.run(work) }
    }
}
