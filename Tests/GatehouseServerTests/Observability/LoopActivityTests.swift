@testable import GatehouseServer
import Testing

struct LoopActivityTests {
    @Test func `whoever watches sleeps until a loop works, and as often as all rest`() async throws {
        let activity = try LoopActivity()
        for _ in 0..<3 {
            let woken = AsyncStream<Void>.makeStream()
            try PlainThread.run {
                activity.wait()
                woken.continuation.finish()
            }
            // Two loops: one that goes to rest leaves the other at work.
            activity.begin()
            activity.begin()
            activity.end()
            for await _ in woken.stream {}
            activity.wait()
            activity.end()
        }
    }

    @Test func `a loop that has nothing to do rests, and works when it is woken`() async throws {
        let scoreboard = try Scoreboard(loops: 1)
        let bench = try await Bench(scoreboard: scoreboard) { _, _ in Bench.text("well") }
        // The recorder is set on the loop before anything else, and then the loop has worked.
        try await bench.on { _ in }
        while scoreboard.activity.isAtWork { await Task.yield() }
        try await bench.on { _ in #expect(scoreboard.activity.isAtWork) }
    }
}
