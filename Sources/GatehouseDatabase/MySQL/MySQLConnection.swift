import CGatehouseDatabase
package import GatehouseServer

/// One connection to a MySQL or MariaDB server, by libmariadb's non-blocking calls, with a registration that stays. It
/// lives until ``close()``, even if nobody keeps it.
///
/// A statement is a walk through ``Step``s: each starts a call of libmariadb, which is done at once or asks for a
/// readiness of the socket, and the end of one decides about the next. Nothing here blocks.
package final class MySQLConnection: Connection, @unchecked Sendable {
    /// The call that is under way, or the reason why there is none.
    enum Step {
        case idle
        /// An old statement is closed, to make room or because it is outdated. The new one is prepared next.
        case making
        case preparing
        case executing
        case fetching
        /// The sink has a row in its hands.
        case giving
        /// The sink wants no row for now.
        case paused
        /// The loop has others to serve; the next turn goes on.
        case yielding
        /// The end of a procedure, or its next rows.
        case nextResult
        /// After an error: an empty statement, whose answer has the state of the transaction. An error's has not.
        case asking
        /// A statement that is not to be kept is closed; the outcome waits.
        case closing
    }

    /// One statement on its way. On the loop only.
    final class Work: @unchecked Sendable {
        let sql: SQL
        let values: [SQLValue]
        let sink: (any RowSink)?
        /// Whether other statements of a transaction follow, which giving this one up would undo.
        let isInBatch: Bool
        let completion: (Result<Changes, DatabaseError>) -> Void
        var rows = 0
        var columns: ColumnNames?
        /// Whether it is prepared for the second time.
        var isRepeated = false
        /// Rows are fetched for nobody: the sink has had enough, or failed with `outcome`.
        var isDropping = false
        var dropped = 0
        var outcome: Result<Changes, DatabaseError>?

        init(
            _ sql: SQL, _ values: [SQLValue], _ sink: (any RowSink)?, isInBatch: Bool,
            _ completion: @escaping (Result<Changes, DatabaseError>) -> Void
        ) {
            self.sql = sql
            self.values = values
            self.sink = sink
            self.isInBatch = isInBatch
            self.completion = completion
        }
    }

    package let loop: HandlerLoop
    package var onLoss: (() -> Void)?
    package var isTainted = false

    let driver: MySQLDriver
    /// The server of the address that it is connected to, and the name of the connection there.
    let server: Int
    let thread: UInt
    /// `nil` once it is closed.
    var handle: OpaquePointer?
    var step = Step.idle
    var work: Work?
    var prepared: MySQLStatement?
    var statements = MySQLStatements()
    let row = MySQLRow()
    var isCancelled = false
    /// Whether it is of no further use, though it is open.
    var isSpent = false
    /// Statements that are neither kept nor closed, to be freed when the connection is closed.
    private var orphans: [MySQLStatement] = []
    /// The sink has asked for more while it had the row still in its hands.
    var isResumed = false

    private let descriptor: Int32
    private var watch: DescriptorWatch?
    private var readiness: Readiness = .readable
    /// The reason why the server has closed an idle connection.
    private var loss: DatabaseError?
    private var idleSince: ContinuousClock.Instant?

    /// Takes over a connection that has begun not to block. On the loop.
    init(_ handle: OpaquePointer, descriptor: Int32, server: Int, driver: MySQLDriver, loop: HandlerLoop) {
        self.handle = handle
        self.descriptor = descriptor
        self.server = server
        self.driver = driver
        self.loop = loop
        thread = gatehouse_mysql_thread(handle)
    }

    /// Begins to watch. On the loop.
    func attach() throws(WatchError) {
        readiness = .readable
        watch = try loop.watch(descriptor, for: .readable) { [self] in ready(for: $0) }
    }

    func detach() {
        watch?.end()
        watch = nil
    }

    package var state: ConnectionState {
        guard let handle, !isSpent else { return .unusable }
        guard step == .idle else { return .busy }
        return isInTransaction(handle) ? .inTransaction : .idle
    }

    func isInTransaction(_ handle: OpaquePointer) -> Bool {
        gatehouse_mysql_server_status(handle) & UInt32(GATEHOUSE_MYSQL_IN_TRANSACTION) != 0
    }

    package func start(
        _ statement: SQL, into sink: (any RowSink)?, completion: @escaping (Result<Changes, DatabaseError>) -> Void
    ) {
        start(statement, into: sink, isInBatch: false, completion: completion)
    }

    func start(
        _ statement: SQL, into sink: (any RowSink)?, isInBatch: Bool,
        completion: @escaping (Result<Changes, DatabaseError>) -> Void
    ) {
        guard let handle, step == .idle, !isSpent else {
            completion(.failure(refusal(statement)))
            return
        }
        let values: [SQLValue]
        do throws(DatabaseError) {
            values = try statement.flatValues(for: .mySQL)
        } catch {
            completion(.failure(error))
            return
        }
        work = Work(statement, values, sink, isInBatch: isInBatch, completion)
        if let known = statements.use(statement.text) {
            proceed(execute(known, handle))
        } else {
            proceed(make(handle))
        }
    }

    private func refusal(_ statement: SQL) -> DatabaseError {
        if var loss {
            loss.statement = statement.written
            return loss
        }
        if isCancelled { return .cancelled(statement) }
        if handle == nil || isSpent {
            return DatabaseError(
                .connectionLost(sent: false), "the connection is closed", statement: statement.written)
        }
        return DatabaseError(
            .usage, "another statement is on its way on this connection", statement: statement.written)
    }

    private func ready(for readiness: Readiness) {
        guard let handle else { return }
        switch step {
        case .idle: lookAtIdle(handle)
        case .giving, .paused, .yielding: break
        default:
            var events: Int32 = 0
            if !readiness.isDisjoint(with: [.readable, .gone]) { events |= Int32(GATEHOUSE_MYSQL_READABLE.rawValue) }
            if !readiness.isDisjoint(with: [.writable, .gone]) { events |= Int32(GATEHOUSE_MYSQL_WRITABLE.rawValue) }
            proceed(gatehouse_mysql_continue(handle, events))
        }
    }

    /// Walks on until a call has to wait or the statement has no next step for now.
    /// - Parameter wait: the readiness that the last call waits for; 0 if it is done, `nil` if there was none.
    func proceed(_ wait: Int32?) {
        var wait = wait
        while wait == 0 { wait = nextStep() }
        guard let wait else { return }
        var readiness: Readiness = []
        if wait & Int32(GATEHOUSE_MYSQL_READABLE.rawValue) != 0 { readiness.insert(.readable) }
        if wait & Int32(GATEHOUSE_MYSQL_WRITABLE.rawValue) != 0 { readiness.insert(.writable) }
        setReadiness(readiness)
    }

    /// The ordinary wait for an answer changes nothing.
    func setReadiness(_ readiness: Readiness) {
        guard readiness != self.readiness else { return }
        self.readiness = readiness
        watch?.change(to: readiness)
    }

    /// Ends the statement on its way: the connection is idle before its caller hears of it.
    func deliver(_ result: Result<Changes, DatabaseError>) {
        guard let work else { return }
        self.work = nil
        step = .idle
        isResumed = false
        if let handle {
            if let prepared, let statement = prepared.handle {
                // A fetch may be under way if the statement was given up. It is led to its end when the connection is
                // closed, and may still write a row to the memory of the statement.
                if !isSpent { gatehouse_mysql_statement_rest(statement) }
                if !prepared.isKept { orphans.append(prepared) }
            }
            setReadiness(.readable)
            idleSince = isInTransaction(handle) ? .now : nil
        }
        prepared = nil
        work.completion(result)
    }

    package func close() {
        guard let handle else { return }
        let isOrderly = step == .idle && loss == nil && !isSpent
        let isSent = step != .making && step != .preparing
        self.handle = nil
        detach()
        gatehouse_mysql_close(handle, isOrderly ? 1 : 0)
        if let prepared, !prepared.isKept { orphans.append(prepared) }
        prepared = nil
        for statement in statements.removeAll() + orphans { statement.free() }
        orphans = []
        guard let work else { return }
        let lost = DatabaseError(
            .connectionLost(sent: isSent), "the connection was closed while the statement ran",
            statement: work.sql.written)
        deliver(.failure(isCancelled ? .cancelled(work.sql) : lost))
    }

    /// Hears of an idle connection's end as soon as the server or the network ends it. A server says nothing to an idle
    /// client but the reason why it goes.
    private func lookAtIdle(_ handle: OpaquePointer) {
        var bytes = [UInt8](repeating: 0, count: 600)
        let count = gatehouse_mysql_peek(handle, &bytes, bytes.count)
        guard count != -1 else { return }
        let isEncrypted = gatehouse_mysql_cipher(handle) != nil
        let reason = count > 0 && !isEncrypted ? MySQLError(packet: bytes.prefix(Int(count))) : nil
        var kind = DatabaseError.Kind.connectionLost(sent: false)
        var message = "the server has closed the connection"
        // The server's clock began earlier than ours, when it sent its last answer.
        let limit = driver.settings.idleTransactionTimeout * 0.5
        if let idleSince, limit > .zero, idleSince.duration(to: .now) >= limit {
            kind = .timeout
            message =
                "the transaction was open without a statement for longer than idle-transaction-timeout, and is undone"
        } else if let reason {
            message += ": \(reason.redacted)"
        }
        loss = DatabaseError(kind, message, sqlState: reason?.state)
        close()
        onLoss?()
        onLoss = nil
    }
}
