import DatabaseTestSupport
@testable import GatehouseDatabase
import GatehouseServer
import Synchronization
import Testing

struct PostgreSQLListenerTests {
    @Test func `notifications come, and a gap is told`() async throws {
        let server = try await PostgresServer.shared
        let proxy = try FaultProxy(to: .unix(server.socket))
        try await server.withDatabase { name in
            let log = LogLines()
            let driver = try PostgreSQLDriver(
                DatabaseSettings(url: proxy.postgresURL(name)), applicationName: "listens", logger: log.logger())
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
            await withCheckedContinuation { ended in
                loop.run {
                    listening.end()
                    ended.resume()
                }
            }
        }
        withExtendedLifetime(proxy) {}
    }

    @Test func `a connection that has died in silence is noticed`() async throws {
        let server = try await PostgresServer.shared
        let proxy = try FaultProxy(to: .unix(server.socket))
        try await server.withDatabase { name in
            let log = LogLines()
            let driver = try PostgreSQLDriver(
                DatabaseSettings(url: proxy.postgresURL(name)), applicationName: "listens", logger: log.logger())
            let loop = try HandlerLoop.background()
            let (stream, continuation) = AsyncStream.makeStream(of: DatabaseNotification.self)
            let listener = PostgreSQLListener(driver, "note", loop, interval: .milliseconds(300)) {
                continuation.yield($0)
            }
            loop.run { listener.begin() }
            try await Self.listens(name)
            proxy.arm(.stall(after: 0, .toClient))
            await log.has("the server does not answer")
            proxy.arm()
            var events = stream.makeAsyncIterator()
            #expect(await events.next() == .missed)
            await withCheckedContinuation { ended in
                loop.run {
                    listener.end()
                    ended.resume()
                }
            }
        }
        withExtendedLifetime(proxy) {}
    }

    @Test func `a LISTEN that is not answered is tried again`() async throws {
        let server = try await PostgresServer.shared
        let proxy = try FaultProxy(to: .unix(server.socket))
        try await server.withDatabase { name in
            let log = LogLines()
            let driver = try PostgreSQLDriver(
                DatabaseSettings(url: proxy.postgresURL(name)), applicationName: "listens", logger: log.logger())
            let loop = try HandlerLoop.background()
            let (stream, continuation) = AsyncStream.makeStream(of: DatabaseNotification.self)
            let listener = PostgreSQLListener(driver, "note", loop, interval: .milliseconds(300)) {
                continuation.yield($0)
            }
            let opened = await withCheckedContinuation {
                (continuation: CheckedContinuation<PostgreSQLConnection?, Never>) in
                loop.run { driver.open(on: loop) { continuation.resume(returning: try? $0.get()) } }
            }
            let connection = try #require(opened)
            loop.run {
                proxy.arm(.stall(after: 0, .toClient))
                listener.listen(on: connection)
            }
            await log.has("the server does not answer")
            proxy.arm()
            var events = stream.makeAsyncIterator()
            #expect(await events.next() == .missed)
            await withCheckedContinuation { ended in
                loop.run {
                    listener.end()
                    ended.resume()
                }
            }
        }
        withExtendedLifetime(proxy) {}
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
