import DatabaseTestSupport
@testable import GatehouseDatabase
import GatehouseServer
import Synchronization
import Testing

struct PostgreSQLListenerTests {
    @Test func `notifications come, and a gap is told`() async throws {
        let server = try await PostgresServer.shared
        try await PostgresServer.withProxy { proxy, name in
            let log = LogLines()
            let driver = try Self.driver(proxy, name, log)
            let loop = try HandlerLoop.background()
            let (stream, continuation) = AsyncStream.makeStream(of: DatabaseNotification.self)
            let channel = #"no"te A"#
            let listening = await withCheckedContinuation { started in
                loop.run {
                    started.resume(returning: driver.listen(to: channel, on: loop) { continuation.yield($0) })
                }
            }
            var events = stream.makeAsyncIterator()
            try await Self.listens(name)
            _ = try await server.query(#"NOTIFY "no""te A", 'first'; NOTIFY "other", 'x'"#, in: name)
            guard case .notification(channel, "first", let process)? = await events.next() else {
                throw Unexpected(description: "no notification")
            }
            #expect(process > 0)

            proxy.cutAll()
            #expect(await events.next() == .missed)
            _ = try await server.query(#"NOTIFY "no""te A", 'second'"#, in: name)
            guard case .notification(channel, "second", _)? = await events.next() else {
                throw Unexpected(description: "no second notification")
            }
            #expect(log.lines.count { $0.hasPrefix("warning") } == 1)
            await Self.end(listening, on: loop)
        }
    }

    @Test func `a connection that has died in silence is noticed`() async throws {
        try await Self.noticesSilence { listener, _, loop, proxy, name in
            loop.run { listener.begin() }
            try await Self.listens(name)
            proxy.arm(.stall(after: 0, .toClient))
        }
    }

    @Test func `a LISTEN that is not answered is tried again`() async throws {
        try await Self.noticesSilence { listener, driver, loop, proxy, _ in
            let opened = await withCheckedContinuation {
                (continuation: CheckedContinuation<PostgreSQLConnection?, Never>) in
                loop.run { driver.open(on: loop) { continuation.resume(returning: try? $0.get()) } }
            }
            let connection = try #require(opened)
            loop.run {
                proxy.arm(.stall(after: 0, .toClient))
                listener.listen(on: connection)
            }
        }
    }

    /// Expects that a listener finds its server silent, and tells a gap when that answers again.
    /// - Parameter silence: has the listener begin, and the proxy fall silent.
    private static func noticesSilence(
        _ silence: (PostgreSQLListener, PostgreSQLDriver, HandlerLoop, FaultProxy, _ database: String) async throws ->
            Void
    ) async throws {
        try await PostgresServer.withProxy { proxy, name in
            let log = LogLines()
            let driver = try driver(proxy, name, log)
            let loop = try HandlerLoop.background()
            let (stream, continuation) = AsyncStream.makeStream(of: DatabaseNotification.self)
            let listener = PostgreSQLListener(driver, "note", loop, interval: .milliseconds(300)) {
                continuation.yield($0)
            }
            try await silence(listener, driver, loop, proxy, name)
            await log.has("the server does not answer")
            proxy.arm()
            var events = stream.makeAsyncIterator()
            #expect(await events.next() == .missed)
            await end(listener, on: loop)
        }
    }

    private static func driver(
        _ proxy: FaultProxy, _ database: String, _ log: LogLines
    ) throws -> PostgreSQLDriver {
        try PostgreSQLDriver(
            DatabaseSettings(url: proxy.postgresURL(database)), applicationName: "listens", logger: log.logger())
    }

    private static func end(_ listening: any Listening, on loop: HandlerLoop) async {
        await withCheckedContinuation { ended in
            loop.run {
                listening.end()
                ended.resume()
            }
        }
    }

    /// Waits until a session of the database listens.
    private static func listens(_ database: String) async throws {
        let server = try await PostgresServer.shared
        let sql = """
            SELECT count(*) FROM pg_stat_activity
            WHERE application_name = 'listens' AND (query LIKE 'LISTEN%' OR query = 'SELECT 1') AND state = 'idle'
              AND datname = '\(database)'
            """
        let deadline = ContinuousClock.now + .seconds(60)
        while try await server.query(sql) != [["1"]] {
            guard ContinuousClock.now < deadline else { throw Unexpected(description: "nobody listens") }
        }
    }
}
