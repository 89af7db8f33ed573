import GatehouseDatabase
import GatehouseServer

/// The connection of a test as one borrower of the module sees it: his transaction is a savepoint of the test's. On its
/// loop only.
final class SavepointConnection: Connection, @unchecked Sendable {
    private let real: any Connection
    private let dialect: Dialect
    /// Whether the savepoint is there; it is from the beginning on.
    private var hasSavepoint = true
    /// Whether the module's transaction has begun and not ended.
    private var isOpen = false
    /// Whether it was cancelled or closed, so that nothing more may come of it.
    private var isGivenUp = false
    private var isRunning = false
    private var sink: WholeSink?
    private var whenDone: (() -> Void)?

    var onLoss: (() -> Void)?
    var loop: HandlerLoop { real.loop }
    // A session that is set up for one borrower is there for all: a test has only one.
    var isTainted: Bool { false }

    init(_ real: any Connection, _ dialect: Dialect) {
        self.real = real
        self.dialect = dialect
    }

    var state: ConnectionState {
        if isGivenUp { return .unusable }
        switch real.state {
        case .inTransaction: return isOpen ? .inTransaction : .idle
        case .inFailedTransaction: return isOpen ? .inFailedTransaction : .unusable
        case .busy: return .busy
        case .idle, .unusable: return .unusable
        }
    }

    func start(
        _ statement: SQL, into sink: (any RowSink)?,
        completion: @escaping (Result<Changes, DatabaseError>) -> Void
    ) {
        let completion = { [self] result in
            completion(isGivenUp ? .failure(DatabaseError(.cancelled, "the caller was cancelled")) : result)
        }
        switch Step(statement) {
        case .begin:
            isOpen = true
            run(hasSavepoint ? [] : [Self.begin], completion)
            hasSavepoint = true
        case .commit where real.state == .inFailedTransaction:
            // PostgreSQL answers such a COMMIT with ROLLBACK.
            end(Self.undo) { result in
                completion(result.flatMap { _ in .failure(DatabaseError(.other, "the transaction was rolled back")) })
            }
        case .commit: commit(completion)
        case .rollBack: end(Self.undo, completion)
        case .isolation: completion(.success(Changes()))
        case .other: run(statement, into: sink, completion)
        }
    }

    func start(batch: [BatchStatement], completion: @escaping (Result<[Changes], DatabaseError>) -> Void) {
        run(batch[...], [], completion)
    }

    func resume() {
        sink?.isPaused = false
        real.resume()
    }

    /// Gives the statement up without the server's help, which would end the connection: it runs to its end.
    func cancel() {
        isGivenUp = true
        sink?.stop()
        if sink?.isPaused == true { resume() }
    }

    func close() { cancel() }

    /// Takes back what the module has not committed, and calls `done` when the connection can be used again.
    func finish(_ done: @escaping () -> Void) {
        guard !isRunning else {
            whenDone = { [self] in finish(done) }
            return cancel()
        }
        guard hasSavepoint else { return done() }
        // One statement without a transaction, such as a stream's, is kept.
        let isKept = !isOpen && real.state == .inTransaction
        end(isKept ? [Self.commit] : Self.undo) { _ in done() }
    }

    // MARK: Statements

    static let begin: SQL = "SAVEPOINT gatehouse_transaction"
    private static let commit: SQL = "RELEASE SAVEPOINT gatehouse_transaction"
    private static let undo: [SQL] = ["ROLLBACK TO SAVEPOINT gatehouse_transaction", commit]

    /// Checks what PostgreSQL checks at a COMMIT, and nothing does at the end of a savepoint.
    static func checks(_ dialect: Dialect) -> [SQL] {
        dialect == .postgreSQL ? ["SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED"] : []
    }

    private func commit(_ completion: @escaping (Result<Changes, DatabaseError>) -> Void) {
        run(Self.checks(dialect) + [Self.commit]) { [self] result in
            guard case .failure = result else {
                (isOpen, hasSavepoint) = (false, false)
                return completion(result)
            }
            end(Self.undo) { _ in completion(result) }
        }
    }

    private func end(_ statements: [SQL], _ completion: @escaping (Result<Changes, DatabaseError>) -> Void) {
        isOpen = false
        hasSavepoint = false
        run(statements, completion)
    }

    private func run(_ statements: [SQL], _ completion: @escaping (Result<Changes, DatabaseError>) -> Void) {
        run(statements.map { BatchStatement($0) }[...], []) { completion($0.map { _ in Changes() }) }
    }

    /// Runs one statement after the other, up to the first error.
    private func run(
        _ statements: ArraySlice<BatchStatement>, _ before: [Changes],
        _ completion: @escaping (Result<[Changes], DatabaseError>) -> Void
    ) {
        guard let first = statements.first else { return completion(.success(before)) }
        run(first.sql, into: first.sink) { [self] result in
            do throws(DatabaseError) {
                let changes = try result.get()
                try first.end()
                run(statements.dropFirst(), before + [changes], completion)
            } catch {
                completion(.failure(error))
            }
        }
    }

    private func run(
        _ statement: SQL, into sink: (any RowSink)?, _ completion: @escaping (Result<Changes, DatabaseError>) -> Void
    ) {
        self.sink = sink.map(WholeSink.init)
        isRunning = true
        real.start(statement, into: self.sink) { [self] result in
            isRunning = false
            self.sink = nil
            let isLost = if case .success = result { real.state == .idle } else { false }
            completion(isLost ? .failure(RolledBackSource.lostTransaction) : result)
            guard !isRunning, let done = whenDone else { return }
            whenDone = nil
            done()
        }
    }

    /// The kinds of statement that a transaction is made of.
    private enum Step {
        case begin, commit, rollBack, isolation, other

        init(_ statement: SQL) {
            let words = statement.text.string.split(separator: " ", maxSplits: 2).prefix(2).map { $0.uppercased() }
            self =
                switch (words.first, words.last) {
                case ("BEGIN", _), ("START", "TRANSACTION"): .begin
                case ("COMMIT", _): .commit
                case ("ROLLBACK", "TO"): .other
                case ("ROLLBACK", _): .rollBack
                case ("SET", "TRANSACTION"): .isolation
                default: .other
                }
        }
    }
}
