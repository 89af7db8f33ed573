import DatabaseTestSupport
import GatehouseServer
import Synchronization

@testable import GatehouseDatabase

/// One connection to MySQL, asked from a test.
struct MySQLClient: Sendable {
    let connection: any Connection
    var loop: HandlerLoop { connection.loop }

    static func connect(
        _ url: String, on loop: HandlerLoop? = nil, _ change: (inout DatabaseSettings) -> Void = { _ in }
    ) async throws -> MySQLClient {
        var settings = DatabaseSettings(url: url)
        change(&settings)
        let driver = try MySQLDriver(settings, module: "tests")
        let loop = try loop ?? HandlerLoop.background()
        let result = await withCheckedContinuation { continuation in
            loop.run { driver.connect(on: loop) { continuation.resume(returning: $0) } }
        }
        return MySQLClient(connection: try result.get())
    }

    private static let databases = Mutex(0)

    /// Runs a test in an empty database of the shared server. It is made by a connection, which is faster than by the
    /// server's command-line client.
    static func withDatabase<Value>(_ body: (_ name: String) async throws -> Value) async throws -> Value {
        let server = try await MariaDBServer.shared
        let number = databases.withLock {
            $0 += 1
            return $0
        }
        let name = "test_mysql_\(number)"
        return try await use(server.url("")) { client in
            try await client.run("CREATE DATABASE \(identifier: name)")
            let value = try await body(name)
            try await client.run("DROP DATABASE \(identifier: name)")
            return value
        }
    }

    /// Runs a test with a connection to an empty database of the shared server.
    static func use<Value>(
        _ change: (inout DatabaseSettings) -> Void = { _ in }, _ body: (MySQLClient) async throws -> Value
    ) async throws -> Value {
        let server = try await MariaDBServer.shared
        return try await withDatabase { name in try await use(server.url(name), change, body) }
    }

    /// Runs a test with a connection, and closes that.
    static func use<Value>(
        _ url: String, _ change: (inout DatabaseSettings) -> Void = { _ in },
        _ body: (MySQLClient) async throws -> Value
    ) async throws -> Value {
        let client = try await connect(url, change)
        do {
            let value = try await body(client)
            await client.close()
            return value
        } catch {
            await client.close()
            throw error
        }
    }

    /// Runs something on the connection's loop.
    func onLoop<Value: Sendable>(_ body: @escaping @Sendable (any Connection) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            loop.run { continuation.resume(returning: body(connection)) }
        }
    }

    var state: ConnectionState { get async { await onLoop { $0.state } } }
    var isTainted: Bool { get async { await onLoop { $0.isTainted } } }

    /// Listens for the loss of the connection while it is idle. The stream ends with it.
    func losses() async -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        await onLoop { $0.onLoss = { continuation.finish() } }
        return stream
    }

    func close() async { await onLoop { $0.close() } }

    @discardableResult
    func run(_ sql: SQL, into sink: (any RowSink)? = nil) async throws(DatabaseError) -> Changes {
        let result = await withCheckedContinuation { continuation in
            loop.run { connection.start(sql, into: sink) { continuation.resume(returning: $0) } }
        }
        return try result.get()
    }

    /// The error of a statement that must fail.
    func failure(_ sql: SQL, into sink: (any RowSink)? = nil) async -> DatabaseError? {
        do throws(DatabaseError) { try await run(sql, into: sink) } catch { return error }
        return nil
    }

    func run(batch: [BatchStatement]) async throws(DatabaseError) -> [Changes] {
        let result = await withCheckedContinuation { continuation in
            loop.run { connection.start(batch: batch) { continuation.resume(returning: $0) } }
        }
        return try result.get()
    }

    /// The rows of a statement, with every value as text.
    func texts(_ sql: SQL) async throws -> [[String?]] {
        let sink = CollectingSink(TextReader(), atMost: 10_000)
        try await run(sql, into: sink)
        return sink.rows
    }

    func rows<each Value: ColumnValue>(
        _ sql: SQL, _ types: repeat (each Value).Type
    ) async throws -> [(repeat each Value)] {
        let sink = CollectingSink(ColumnsReader(repeat each types), atMost: 10_000)
        try await run(sql, into: sink)
        return sink.rows
    }
}

/// Reads every column as text.
final class TextReader: RowReader {
    func read(_ row: ResultRow) throws(DatabaseError) -> [String?] {
        var texts: [String?] = []
        for index in 0..<row.columns.count {
            do {
                texts.append(try String?(row.cell(index)))
            } catch {
                throw DatabaseError(.data, error.description)
            }
        }
        return texts
    }
}
