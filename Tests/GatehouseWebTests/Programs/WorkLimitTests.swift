import GatehouseWeb
import Synchronization
import Testing

struct WorkLimitTests {
    /// A door that stays closed until it is opened.
    private final class Door: Sendable {
        private let stream: AsyncStream<Void>, opener: AsyncStream<Void>.Continuation

        init() { (stream, opener) = AsyncStream.makeStream() }

        func open() { opener.finish() }
        func wait() async { for await _ in stream {} }
    }

    /// The pieces of work that go on, and the most that went on at a time.
    private final class Count: Sendable {
        private let state = Mutex((now: 0, most: 0))

        func enter() { state.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) } }
        func leave() { state.withLock { $0.now -= 1 } }
        var now: Int { state.withLock { $0.now } }
        var most: Int { state.withLock { $0.most } }
    }

    /// Occupies a place of a limit until the door opens.
    private func occupy(_ limit: WorkLimit, _ door: Door) async -> Task<Void, any Error> {
        let entered = Door()
        let task = Task {
            try await limit.run {
                entered.open()
                await door.wait()
            }
        }
        await entered.wait()
        return task
    }

    @Test func `a result and an error come through, and the place is free again`() async throws {
        let limit = WorkLimit(running: 1, waiting: 0)
        #expect(try await limit.run { 3 } == 3)
        await #expect(throws: CancellationError.self) { try await limit.run { throw CancellationError() } }
        #expect(try await limit.run { 4 } == 4)
    }

    @Test func `row J10: what is over the bound is refused at once`() async throws {
        let limit = WorkLimit(running: 1, waiting: 0, retryAfter: 7), door = Door()
        let first = await occupy(limit, door)
        await #expect(throws: BusyError(retryAfter: 7)) { try await limit.run { 3 } }
        door.open()
        try await first.value
        try await limit.run {}
    }

    @Test func `no more run at a time than may`() async throws {
        let limit = WorkLimit(running: 3, waiting: 1_000)
        let count = Count()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await limit.run {
                        count.enter()
                        await Task.yield()
                        count.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(count.now == 0 && (1...3).contains(count.most))
    }

    @Test func `a task that is cancelled while it waits gives its place to nobody`() async throws {
        let limit = WorkLimit(running: 1, waiting: 1), door = Door()
        let first = await occupy(limit, door)
        let second = Task { try await limit.run {} }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        door.open()
        try await first.value
        try await limit.run {}
    }
}
