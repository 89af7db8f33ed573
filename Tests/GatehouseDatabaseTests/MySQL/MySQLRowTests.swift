import DatabaseTestSupport
import GatehouseServer
import Glibc
import Synchronization
import Testing

@testable import GatehouseDatabase

/// Rows on their way to a sink.
struct MySQLRowTests {
    @Test func `a sink that pauses gets no row until it goes on, behaviour 18`() async throws {
        try await MySQLClient.use { client in
            let sink = CountingSink { $0 % 1_000 == 0 ? .pause : .more }
            async let changes = client.run("SELECT seq, REPEAT('x', 200) FROM seq_1_to_5500", into: sink)
            for round in 1...5 {
                await sink.has(round * 1_000)
                // The loop would have done before this anything that it would still do.
                for _ in 0..<3 { #expect(await client.state == .busy) }
                #expect(sink.count == round * 1_000)
                await client.onLoop { $0.resume() }
            }
            let rows = try await changes.rows
            #expect(rows == 5_500)
            #expect(try await client.texts("SELECT 1") == [["1"]])
        }
    }

    @Test func `a sink may go on from within its row`() async throws {
        try await MySQLClient.use { client in
            let sink = CountingSink { _ in
                client.connection.resume()
                return .pause
            }
            let changes = try await client.run("SELECT * FROM seq_1_to_300", into: sink)
            #expect(changes.rows == 300)
        }
    }

    @Test func `a stop with a small rest keeps the connection`() async throws {
        try await MySQLClient.use { client in
            let sink = CountingSink { $0 == 5 ? .stop : .more }
            try await client.run("SELECT * FROM seq_1_to_50", into: sink)
            #expect(sink.count == 5)
            #expect(await client.state == .idle)
            #expect(try await client.texts("SELECT 1") == [["1"]])
        }
    }

    @Test func `a stop before a big rest ends the statement on the server, behaviour 18`() async throws {
        let server = try await MariaDBServer.shared
        try await MySQLClient.use { client in
            let name = try await client.texts("SELECT CONNECTION_ID()")[0][0] ?? ""
            let sink = CountingSink { $0 == 5 ? .stop : .more }
            try await client.run("SELECT REPEAT('x', 500) FROM seq_1_to_1000000000", into: sink)
            #expect(sink.count == 5)
            #expect(await client.state == .unusable)
            await client.close()
            var isRunning = true
            while isRunning {
                let found = try await server.query(
                    "SELECT id FROM information_schema.processlist WHERE id = \(name) AND command = 'Query'")
                isRunning = !found.isEmpty
            }
        }
    }

    @Test func `an error of the sink ends the statement, behaviour 19`() async throws {
        try await MySQLClient.use { client in
            let capped = CollectingSink(ColumnsReader(Int.self), atMost: 10)
            let error = await client.failure("SELECT seq FROM seq_1_to_20", into: capped)
            #expect(error?.kind == .tooManyRows && error?.statement == "SELECT seq FROM seq_1_to_20")
            #expect(await client.state == .idle)
            let big = CollectingSink(ColumnsReader(Int.self), atMost: 10)
            #expect(await client.failure("SELECT seq FROM seq_1_to_100000000", into: big)?.kind == .tooManyRows)
            #expect(await client.state == .unusable)
        }
    }

    /// The processor time that a thread has used so far, in nanoseconds: what a busy machine does to the clock on the
    /// wall is none of the connection's doing.
    private static func processorTime() -> Int {
        // Seconds and nanoseconds; by their places, since the compiler finds the structure's members in another module.
        withUnsafeTemporaryAllocation(of: timespec.self, capacity: 1) { time in
            if let start = time.baseAddress { clock_gettime(CLOCK_THREAD_CPUTIME_ID, start) }
            let numbers = UnsafeRawBufferPointer(time)
            return numbers.load(as: Int.self) * 1_000_000_000
                + numbers.load(fromByteOffset: MemoryLayout<Int>.size, as: Int.self)
        }
    }

    @Test func `many rows do not hold the loop, behaviour 19`() async throws {
        let loop = try HandlerLoop.started()
        defer { loop.stop() }
        let server = try await MariaDBServer.shared
        let client = try await MySQLClient.connect(server.url(try await server.createDatabase()), on: loop)
        let sink = CountingSink { _ in .more }
        let isDone = Mutex(false)
        let longest = Mutex(0)
        @Sendable func turn(_ last: Int) {
            let now = Self.processorTime()
            longest.withLock { $0 = max($0, now - last) }
            if !isDone.withLock({ $0 }) { loop.run { turn(now) } }
        }
        loop.run { turn(Self.processorTime()) }
        let changes = try await client.run("SELECT seq, 'abc' FROM seq_1_to_200000", into: sink)
        isDone.withLock { $0 = true }
        #expect(changes.rows == 200_000 && sink.count == 200_000)
        #expect(longest.withLock { $0 } < 10_000_000)
        await client.close()
    }

    @Test func `a connection may be closed from within a row`() async throws {
        try await MySQLClient.use { client in
            let sink = CountingSink { rows in
                if rows == 3 { client.connection.close() }
                return .more
            }
            let error = await client.failure("SELECT * FROM seq_1_to_100000", into: sink)
            #expect(error?.kind == .connectionLost(sent: true))
            #expect(sink.count == 3)
            #expect(await client.state == .unusable)
        }
    }
}
