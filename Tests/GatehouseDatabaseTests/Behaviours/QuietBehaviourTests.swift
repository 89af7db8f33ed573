import DatabaseTestSupport
import Gatehouse
import GatehouseDatabase
import Glibc
import Logging
import Synchronization
import Testing
import TestSupport

/// Words of the server go to the module's log and never to standard error.
@Suite(.serialized)
struct QuietBehaviourTests {
    /// Collects messages.
    private final class Messages: Sendable {
        let all = Mutex<[String]>([])

        var logger: Logger { Logger(label: "test") { _ in Handler(messages: self) } }
    }

    private struct Handler: LogHandler {
        let messages: Messages
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { messages.all.withLock { $0.append("\(event.message)") } }
    }

    // behaviour 25
    @Test func `notices and the last words of a server go to the log`() async throws {
        let server = try await PostgresServer.start()
        let name = try await server.createDatabase()
        let messages = Messages()
        let said = try await Self.standardError {
            let context = testContext(logger: messages.logger)
            let database = try Database(DatabaseSettings(url: server.url(name)), context: context)
            try await database.execute(
                "DO $$ BEGIN RAISE NOTICE 'word-of-a-notice'; RAISE WARNING 'word-of-a-warning'; END $$")
            try await server.stop()
            try await until("the connection is lost") { database.status.open == 0 }
            await #expect(throws: DatabaseError.self) { _ = try await database.first("SELECT 1", Int.self) }
            await database.source.shutDown()
        }
        for word in ["word-of-a", "terminating connection", "could not connect", "No such file", "refused", "FATAL"] {
            #expect(!said.contains(word), "\(said)")
        }
        #expect(messages.all.withLock { $0.contains { $0.contains("word-of-a-warning") } })
    }

    /// Takes all that the process writes to standard error while `body` runs. It is written there afterwards.
    private static func standardError(_ body: () async throws -> Void) async throws -> String {
        let folder = try TemporaryFolder()
        let path = try folder.write([], to: "stderr")
        let file = open(path, O_RDWR | O_APPEND | O_CLOEXEC)
        let real = fcntl(2, F_DUPFD_CLOEXEC, 3)
        dup2(file, 2)
        let result = await Result { try await body() }
        dup2(real, 2)
        close(real)
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = pread(file, &bytes, bytes.count, 0)
        close(file)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        _ = write(2, bytes, max(0, count))
        try result.get()
        return text
    }
}

extension Result where Failure == any Error {
    /// The outcome of work.
    fileprivate init(isolation: isolated (any Actor)? = #isolation, _ work: () async throws -> Success) async {
        do { self = .success(try await work()) } catch { self = .failure(error) }
    }
}
