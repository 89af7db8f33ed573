import DatabaseTestSupport
import GatehouseDatabase
import GatehouseServer
import Logging
import Synchronization
import Testing

/// One connection to a real server on a loop, with calls that tests can wait for.
final class PostgreSQLTestSession: Sendable {
    let connection: any Connection
    let driver: PostgreSQLDriver
    let log: LogLines

    private init(_ connection: any Connection, _ driver: PostgreSQLDriver, _ log: LogLines) {
        self.connection = connection
        self.driver = driver
        self.log = log
    }

    /// Connects to a server.
    /// - Parameter change: changes to settings whose limits are out of the way of a busy machine.
    static func connect(
        _ url: String, _ change: (inout DatabaseSettings) -> Void = { _ in }
    ) async throws -> PostgreSQLTestSession {
        var settings = DatabaseSettings(url: url)
        settings.connectTimeout = .seconds(60)
        settings.statementTimeout = .seconds(100)
        change(&settings)
        let log = LogLines()
        let driver = try PostgreSQLDriver(settings, applicationName: "gatehouse tests", logger: log.logger())
        return PostgreSQLTestSession(try await open(driver), driver, log)
    }

    /// Another connection of the same driver.
    func another() async throws -> PostgreSQLTestSession {
        PostgreSQLTestSession(try await Self.open(driver), driver, log)
    }

    private static func open(_ driver: PostgreSQLDriver) async throws -> any Connection {
        let loop = try HandlerLoop.background()
        return try await withCheckedContinuation { continuation in
            loop.run { driver.connect(on: loop) { continuation.resume(returning: $0) } }
        }.get()
    }

    /// Calls a closure on the connection's loop.
    func onLoop<Value: Sendable>(_ body: @escaping @Sendable (any Connection) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            connection.loop.run { [connection] in continuation.resume(returning: body(connection)) }
        }
    }

    /// Runs one statement.
    @discardableResult
    func run(_ sql: SQL, into sink: (any RowSink)? = nil) async -> Result<Changes, DatabaseError> {
        await withCheckedContinuation { continuation in
            connection.loop.run { [connection] in
                connection.start(sql, into: sink) { continuation.resume(returning: $0) }
            }
        }
    }

    /// Runs one statement and gives its rows as text; or one row that has the error.
    func rows(_ sql: SQL) async -> [[String?]] {
        let sink = TextRows()
        switch await run(sql, into: sink) {
        case .success: return sink.rows
        case .failure(let error): return [["\(error)"]]
        }
    }

    func run(batch: [BatchStatement]) async -> Result<[Changes], DatabaseError> {
        await withCheckedContinuation { continuation in
            connection.loop.run { [connection] in
                connection.start(batch: batch) { continuation.resume(returning: $0) }
            }
        }
    }

    /// Runs a batch, and gives the rows of each statement as text.
    func batch(_ statements: [SQL]) async -> (result: Result<[Changes], DatabaseError>, rows: [[[String?]]]) {
        let sinks = statements.map { _ in TextRows() }
        let result = await run(batch: zip(statements, sinks).map { BatchStatement($0, into: $1) })
        return (result, sinks.map(\.rows))
    }

    /// The error of a statement that has to fail.
    func failure(_ sql: SQL, into sink: (any RowSink)? = nil) async throws -> DatabaseError {
        switch await run(sql, into: sink) {
        case .success(let changes): throw Unexpected(description: "\(sql) gave \(changes)")
        case .failure(let error): return error
        }
    }

    var state: ConnectionState {
        get async { await onLoop { $0.state } }
    }

    var isTainted: Bool {
        get async { await onLoop { $0.isTainted } }
    }

    func close() async { await onLoop { $0.close() } }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
}

extension PostgresServer {
    /// Runs a test with a connection to an empty database of the shared server.
    static func withSession(
        _ change: (inout DatabaseSettings) -> Void = { _ in },
        _ body: (PostgreSQLTestSession, _ database: String) async throws -> Void
    ) async throws {
        let server = try await shared
        try await server.withDatabase { name in
            let session = try await PostgreSQLTestSession.connect(server.url(name), change)
            do {
                try await body(session, name)
            } catch {
                await session.close()
                throw error
            }
            await session.close()
        }
    }

    /// Runs a test with a proxy before the shared server, and an empty database there.
    static func withProxy(_ body: (FaultProxy, _ database: String) async throws -> Void) async throws {
        let server = try await shared
        let proxy = try FaultProxy(to: .unix(server.socket))
        try await server.withDatabase { name in try await body(proxy, name) }
        withExtendedLifetime(proxy) {}
    }
}

/// Collects rows as text. On one loop at a time; hence unchecked.
final class TextRows: RowSink, @unchecked Sendable {
    private(set) var rows: [[String?]] = []
    /// The answer after each row, by the number of rows so far.
    private let answer: (Int) throws(DatabaseError) -> RowDemand

    init(_ answer: @escaping (Int) throws(DatabaseError) -> RowDemand = { _ in .more }) { self.answer = answer }

    func take(_ row: ResultRow) throws(DatabaseError) -> RowDemand {
        rows.append((0..<row.columns.count).map { try? row.cell($0).decode(String?.self) })
        return try answer(rows.count)
    }
}

/// The lines that a logger got.
final class LogLines: Sendable {
    private let written = Mutex<(lines: [String], waiting: [(String, CheckedContinuation<Void, Never>)])>(([], []))

    var lines: [String] { written.withLock { $0.lines } }

    private func add(_ line: String) {
        let due = written.withLock { state in
            state.lines.append(line)
            let due = state.waiting.filter { line.contains($0.0) }
            state.waiting.removeAll { line.contains($0.0) }
            return due
        }
        for (_, continuation) in due { continuation.resume() }
    }

    /// Waits for a line that has a text in it.
    func has(_ text: String) async {
        await withCheckedContinuation { continuation in
            let isThere = written.withLock { state in
                let isThere = state.lines.contains { $0.contains(text) }
                if !isThere { state.waiting.append((text, continuation)) }
                return isThere
            }
            if isThere { continuation.resume() }
        }
    }

    func logger() -> Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        init(lines: LogLines) { self.lines = lines }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.add("\(event.level) \(event.message)")
        }
    }
}
