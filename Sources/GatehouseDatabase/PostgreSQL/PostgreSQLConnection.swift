import CGatehouseDatabase
package import GatehouseServer
import Logging

/// One session of a PostgreSQL server, by libpq's calls that do not block.
///
/// Its descriptor is registered with the loop once, for reading, so that a query costs one `send` and one `recv`, and
/// the end of an idle connection is seen when it comes. The registration keeps the connection alive until it is closed
/// or lost. Confined to its loop; hence `@unchecked`.
package final class PostgreSQLConnection: Connection, @unchecked Sendable {
    package let loop: HandlerLoop
    let driver: PostgreSQLDriver
    /// libpq's object; `nil` once the connection is closed or lost.
    var pointer: OpaquePointer?
    var watch: DescriptorWatch?
    /// libpq calls it until the connection is closed.
    private let notices: PostgreSQLNotices

    var statements = PreparedStatements()
    var parameters = ParameterBuffer()
    var exchange = PostgreSQLExchange()
    /// The result whose rows are being read.
    var result: OpaquePointer?
    let row = PostgreSQLRow()

    /// Whether some of what was sent waits in libpq's memory for the socket.
    var needsFlush = false
    /// Whether nothing more can be read. There may be results in libpq's memory.
    var isBroken = false
    var isReading = false
    /// Set while a thread sends a large statement.
    var absence: Absence?
    private(set) var isCancelled = false
    private var hasAskedToCancel = false
    package private(set) var isTainted = false

    package var onLoss: (() -> Void)?
    /// Called for each notification of a channel that the session listens to.
    var onNotification: ((_ channel: String, _ payload: String, _ process: Int32) -> Void)?

    /// The time after which a cancelled statement is given up if the server does not react.
    private static let cancellationLimit = Duration.seconds(5)
    /// The error of a statement that was cancelled.
    static let cancellation = DatabaseError(.cancelled, "the statement was cancelled")

    init(_ session: PostgreSQLSession, _ driver: PostgreSQLDriver, _ loop: HandlerLoop) throws(DatabaseError) {
        self.loop = loop
        self.driver = driver
        notices = session.notices
        pointer = session.pointer
        do {
            watch = try loop.watch(gatehouse_pq_socket(session.pointer), for: .readable) { [self] in ready($0) }
        } catch {
            gatehouse_pq_finish(session.pointer)
            throw DatabaseError(.connectionLost(sent: false), "cannot use the connection to \(driver.place): \(error)")
        }
    }

    package var state: ConnectionState {
        guard let pointer, !isCancelled, !isBroken, absence?.ending == nil else { return .unusable }
        if exchange.isRunning { return .busy }
        return switch gatehouse_pq_transaction_status(pointer) {
        case PQTRANS_IDLE: .idle
        case PQTRANS_INTRANS: .inTransaction
        case PQTRANS_INERROR: .inFailedTransaction
        default: .unusable
        }
    }

    /// Whether the server may have carried out what runs, or a part of it. A batch may have a COMMIT of its own, and
    /// rows that a sink has are not given twice.
    var mayHaveRun: Bool { !needsFlush || exchange.hasDelivered || exchange.jobs.count > 1 }

    // MARK: Statements

    package func start(
        _ statement: SQL, into sink: (any RowSink)?,
        completion: @escaping (Result<Changes, DatabaseError>) -> Void
    ) {
        do {
            try begin()
            try add(statement, sink)
        } catch {
            abort()
            return completion(.failure(error))
        }
        exchange.completion = .one(completion)
        send()
    }

    package func start(
        batch: [BatchStatement], completion: @escaping (Result<[Changes], DatabaseError>) -> Void
    ) {
        do {
            try begin()
            for statement in batch { try add(statement.sql, statement.sink) }
        } catch {
            abort()
            return completion(.failure(error))
        }
        guard !batch.isEmpty else { return completion(.success([])) }
        exchange.completion = .batch(completion)
        send()
    }

    private func begin() throws(DatabaseError) {
        guard pointer != nil, !isCancelled, !isBroken else {
            throw DatabaseError(.connectionLost(sent: false), "the connection to \(driver.place) is closed")
        }
        guard !exchange.isRunning else {
            throw DatabaseError(.usage, "a connection carries out one statement at a time")
        }
        parameters.removeAll()
    }

    private func add(_ sql: SQL, _ sink: (any RowSink)?) throws(DatabaseError) {
        let first = try parameters.append(sql)
        let statement = try statements.statement(for: sql)
        if statement.traits.copies {
            throw DatabaseError(
                .usage, "COPY from STDIN or to STDOUT is not supported: insert in batches, read by rows",
                statement: sql.written)
        }
        if statement.traits.taints { isTainted = true }
        if statement.traits.forgetsStatements { exchange.forgetsStatements = true }
        exchange.jobs.append(
            PostgreSQLExchange.Job(
                sql: sql, statement: statement, firstParameter: first, parameters: parameters.count - first,
                isShort: isShort(statement.traits.rowLimit, from: first), sink: sink)
        )
    }

    private func isShort(_ limit: RowLimit?, from first: Int) -> Bool {
        switch limit {
        case .number(let number): number <= Self.rowsAtATime
        case .parameter(let place): parameters.number(at: first + place).map { $0 <= Self.rowsAtATime } ?? false
        case nil: false
        }
    }

    /// Forgets statements that were not sent.
    private func abort() {
        guard !exchange.isRunning else { return }
        exchange.jobs.removeAll(keepingCapacity: true)
        exchange.forgetsStatements = false
    }

    // MARK: Back-pressure and ends

    package func resume() {
        guard exchange.isPaused else { return }
        exchange.isPaused = false
        wait()
        continueLater()
    }

    package func cancel() {
        guard let pointer, exchange.isRunning, !isCancelled else { return }
        isCancelled = true
        if absence != nil { return callBack(.cancel) }
        // A statement that has not left whole has not been carried out.
        guard !needsFlush else { return abandon() }
        sendCancellation(pointer)
        exchange.isStopping = true
        let serial = exchange.serial
        loop.after(Self.cancellationLimit) { [weak self] in
            guard let self, exchange.isRunning, exchange.serial == serial else { return }
            abandon()
        }
        guard exchange.isPaused else { return }
        resume()
    }

    package func close() {
        if absence != nil { return callBack(.close) }
        lose(DatabaseError(.connectionLost(sent: mayHaveRun), "the connection to \(driver.place) was closed"))
    }

    /// Has the thread that sends for this connection end at once, and ends the connection then.
    private func callBack(_ ending: Absence.Ending) {
        guard let absence, absence.ending == nil else { return }
        self.absence?.ending = ending
        gatehouse_pq_shut_down(absence.socket)
    }

    /// Asks the server to end what it runs. On a thread, because libpq makes a connection of its own for it.
    private func sendCancellation(_ pointer: OpaquePointer) {
        guard !hasAskedToCancel else { return }
        hasAskedToCancel = true
        driver.cancellations.send(for: pointer)
    }

    /// Ends the running exchange now: the server is asked to stop, and the connection is closed.
    func abandon() {
        guard let pointer else { return }
        if !needsFlush, !exchange.awaitsSync { sendCancellation(pointer) }
        if isCancelled {
            exchange.fail(Self.cancellation, job: 0)
        } else if exchange.hasUnanswered {
            exchange.fail(
                DatabaseError(.connectionLost(sent: true), "the connection to \(driver.place) was closed"), job: nil)
        }
        isCancelled = true
        let report = end()
        report?.deliver()
    }

    /// Closes the connection after its loss, and tells whoever uses it.
    func lose(_ error: DatabaseError) {
        guard pointer != nil else { return }
        let wasRunning = exchange.isRunning
        if wasRunning, isCancelled {
            exchange.fail(Self.cancellation, job: 0)
        } else if wasRunning {
            exchange.fail(error, job: exchange.jobs.count == 1 ? 0 : nil)
        }
        let onLoss = onLoss
        let report = end()
        if let report { report.deliver() } else { onLoss?() }
    }

    /// Closes everything.
    /// - Returns: the outcome for the running exchange's caller.
    private func end() -> PostgreSQLExchange.Report? {
        // First, because the descriptor's number may soon be another one's.
        watch?.end()
        watch = nil
        gatehouse_pq_clear(result)
        result = nil
        row.result = nil
        if let pointer { gatehouse_pq_finish(pointer) }
        pointer = nil
        onLoss = nil
        onNotification = nil
        return exchange.end()
    }
}

/// The time in which a thread sends for a connection.
struct Absence {
    enum Ending {
        case cancel
        case close
    }

    /// A descriptor of the connection's socket that libpq does not close.
    let socket: Int32
    /// Whether the connection ends when the thread is done.
    var ending: Ending?
}
