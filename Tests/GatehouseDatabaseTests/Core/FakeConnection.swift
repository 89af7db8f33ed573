import GatehouseDatabase
import GatehouseServer

/// A connection to a ``FakeServer``, with a server's idea of transactions.
final class FakeConnection: Connection, @unchecked Sendable {
    /// A statement without an answer.
    struct Running: Sendable {
        var text: String
        var connection: FakeConnection
        var number: Int
    }

    let server: FakeServer
    let loop: HandlerLoop
    let number: Int
    private(set) var state = ConnectionState.idle
    private(set) var isTainted = false
    var onLoss: (() -> Void)?

    private var statements = 0
    private var stateBefore = ConnectionState.idle
    private var completion: ((Result<Changes, DatabaseError>) -> Void)?
    private var sink: (any RowSink)?
    private var rows: [[TestValue]] = []
    private var taken = 0
    private var running: Running?

    init(_ server: FakeServer, _ loop: HandlerLoop) {
        self.server = server
        self.loop = loop
        number = server.change { state in
            state.connected += 1
            return state.connected
        }
        server.change { $0.connections.append(self) }
    }

    func start(
        _ statement: SQL, into sink: (any RowSink)?, completion: @escaping (Result<Changes, DatabaseError>) -> Void
    ) {
        precondition(loop.isCurrent, "off the loop")
        precondition(self.completion == nil, "two statements at a time")
        let text = statement.written
        guard state != .unusable else {
            return completion(.failure(DatabaseError(.connectionLost(sent: false), "closed")))
        }
        // Broken statements are refused before anything is sent, and at once.
        if statement.isBroken { return completion(.failure(DatabaseError(.usage, "broken"))) }
        statements += 1
        self.completion = completion
        self.sink = sink
        stateBefore = state
        state = .busy
        let running = Running(text: text, connection: self, number: statements)
        self.running = running
        let reply =
            stateBefore == .inFailedTransaction && !text.hasPrefix("ROLLBACK")
            ? .error(DatabaseError(.other, "the transaction is aborted", sqlState: "25P02")) : server.reply(to: text)
        server.change { state in
            state.log.append("\(number): \(text)")
            if case .nothing = reply { state.open.append(running) }
        }
        if case .nothing = reply { return }
        loop.run { self.answer(running, with: reply) }
    }

    func start(batch: [BatchStatement], completion: @escaping (Result<[Changes], DatabaseError>) -> Void) {
        var rest = batch[...]
        var done: [Changes] = []
        func next() {
            guard let statement = rest.popFirst() else { return completion(.success(done)) }
            start(statement.sql, into: statement.sink) { result in
                switch result {
                case .success(let changes):
                    done.append(changes)
                    next()
                case .failure(let error): completion(.failure(error))
                }
            }
        }
        next()
    }

    func answer(_ running: Running, with reply: FakeServer.Reply) {
        guard let text = self.running?.text, self.running?.number == running.number else { return }
        switch reply {
        case .nothing: break
        case .changes(let count): finish(stateAfter(text), .success(Changes(rows: count)))
        case .rows(let rows):
            self.rows = rows
            taken = 0
            push()
        case .error(let error):
            finish(
                stateBefore == .idle ? .idle : server.dialect == .postgreSQL ? .inFailedTransaction : stateBefore,
                .failure(error))
        case .endOfTransaction(let error): finish(.idle, .failure(error))
        case .loss(let sent): finish(.unusable, .failure(DatabaseError(.connectionLost(sent: sent), "lost")))
        }
    }

    /// Pushes rows until the sink has enough.
    private func push() {
        let names = ColumnNames((0..<(rows.first?.count ?? 0)).map { "c\($0)" })
        while taken < rows.count, let sink {
            let row = TestRow(names, rows[taken], server.dialect)
            taken += 1
            do {
                switch try sink.take(row) {
                case .more: continue
                case .pause: return
                case .stop: return finish(.unusable, .success(Changes(rows: taken)))
                }
            } catch {
                return finish(stateBefore, .failure(error))
            }
        }
        finish(stateBefore, .success(Changes(rows: rows.count)))
    }

    private func stateAfter(_ text: String) -> ConnectionState {
        if text.hasPrefix("BEGIN") || text.hasPrefix("START TRANSACTION") { return .inTransaction }
        if text.hasPrefix("ROLLBACK TO") { return .inTransaction }
        if text == "COMMIT" || text == "ROLLBACK" || text.hasPrefix("CREATE TABLE") && server.dialect == .mySQL {
            return .idle
        }
        if text.hasPrefix("SET SESSION") { isTainted = true }
        return stateBefore
    }

    private func finish(_ state: ConnectionState, _ result: Result<Changes, DatabaseError>) {
        self.state = state
        guard let completion else { return }
        self.completion = nil
        sink = nil
        running = nil
        completion(result)
    }

    func resume() {
        precondition(loop.isCurrent, "off the loop")
        server.change { $0.resumed += 1 }
        push()
    }

    func cancel() {
        precondition(loop.isCurrent, "off the loop")
        server.change { $0.cancelled.append(number) }
        // A real server answers later, if at all.
        guard let running, !running.text.hasSuffix("FOREVER") else { return }
        loop.run { [self] in
            guard self.running?.number == running.number else { return }
            finish(.unusable, .failure(DatabaseError(.cancelled, "cancelled")))
        }
    }

    func close() {
        precondition(loop.isCurrent, "off the loop")
        server.change { $0.closed.append(number) }
        finish(.unusable, .failure(DatabaseError(.connectionLost(sent: true), "closed")))
    }

    /// The server ends an idle connection.
    func lose() {
        guard state == .idle, completion == nil else { return }
        state = .unusable
        let onLoss = onLoss
        self.onLoss = nil
        onLoss?()
    }
}
