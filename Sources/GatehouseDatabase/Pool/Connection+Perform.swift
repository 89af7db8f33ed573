import GatehouseServer

extension Connection {
    /// Runs one statement on a connection that the caller has for himself. From anywhere; a cancelled caller's
    /// statement is cancelled, and the connection is unusable afterwards.
    @discardableResult
    package func perform(_ statement: SQL, into sink: (any RowSink)? = nil) async throws(DatabaseError) -> Changes {
        try await Performance(of: statement, on: self, .cancels).run(into: sink).changes.get()
    }
}

/// One statement on a connection that somebody has borrowed.
///
/// Confined to the connection's loop, except that the caller reads `stateAfter` when it is done; hence unchecked.
final class Performance: @unchecked Sendable {
    /// The answer to a cancelled caller.
    enum Cancellation {
        /// The server ends the statement.
        case cancels
        /// The statement goes on, since the caller must know its outcome, but not for long.
        case shortens
    }

    private let statement: SQL
    private let connection: any Connection
    private let cancellation: Cancellation
    /// The states in which the connection can take the statement; any if `nil`.
    private let expected: [ConnectionState]?
    private var continuation: UnsafeContinuation<Result<Changes, DatabaseError>, Never>?
    private var isCancelled = false
    private var isDone = false
    private var isRefused = false
    private var stateAfter = ConnectionState.unusable
    private let fence = AnswerFence()

    /// The time for an answer to a statement whose caller was cancelled.
    static let grace = Duration.seconds(2)

    init(
        of statement: SQL, on connection: any Connection, _ cancellation: Cancellation,
        expecting states: [ConnectionState]? = nil
    ) {
        self.statement = statement
        self.connection = connection
        self.cancellation = cancellation
        expected = states
    }

    /// The outcome, and the connection's state at that moment.
    struct Outcome {
        var changes: Result<Changes, DatabaseError>
        var state: ConnectionState
        /// Whether the statement was not even begun, since the connection was in another state than expected.
        var isRefused = false
    }

    /// Runs the statement. Once.
    func run(into sink: (any RowSink)?) async -> Outcome {
        let loop = connection.loop
        let changes = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                if loop.isCurrent {
                    start(into: sink, continuation)
                } else {
                    loop.run { self.start(into: sink, continuation) }
                }
            }
        } onCancel: {
            loop.run { self.cancel() }
        }
        fence.pass()
        return Outcome(changes: changes, state: stateAfter, isRefused: isRefused)
    }

    private func start(
        into sink: (any RowSink)?, _ continuation: UnsafeContinuation<Result<Changes, DatabaseError>, Never>
    ) {
        self.continuation = continuation
        if isCancelled, cancellation == .cancels {
            return finish(.failure(.cancelled(statement)))
        }
        if let expected, !expected.contains(connection.state) {
            isRefused = true
            return finish(.failure(.unexpected(connection.state, statement)))
        }
        connection.start(statement, into: sink) { [self] in finish($0) }
        // The caller was cancelled before this began.
        if isCancelled { limit() }
    }

    private func finish(_ result: Result<Changes, DatabaseError>) {
        guard let continuation else { return }
        self.continuation = nil
        isDone = true
        stateAfter = connection.state
        fence.close()
        continuation.resume(returning: result.mapError { $0.of(statement) })
    }

    private func cancel() {
        guard !isDone, !isCancelled else { return }
        isCancelled = true
        guard continuation != nil else { return }
        if cancellation == .cancels { connection.cancel() }
        limit()
    }

    /// Closes the connection if there is no answer within the grace.
    private func limit() {
        guard !isDone else { return }
        connection.loop.after(Self.grace) { [self] in
            if !isDone { connection.close() }
        }
    }
}

extension DatabaseError {
    /// The error of a statement in a transaction that is no more.
    static func unexpected(_ state: ConnectionState, _ sql: SQL) -> DatabaseError {
        switch state {
        case .idle, .inTransaction:
            usage(
                "the transaction has ended on the server before this statement, by a COMMIT or ROLLBACK among its "
                    + "statements, or by one that commits by itself, as CREATE TABLE does on MySQL", sql)
        case .inFailedTransaction: usage("a statement of the transaction has failed: it can only be rolled back", sql)
        case .busy: usage("another statement of the same connection is on its way: await it first", sql)
        case .unusable:
            DatabaseError(
                .connectionLost(sent: false), "the transaction's connection is lost, and with it the transaction"
            )
            .of(sql)
        }
    }
}
