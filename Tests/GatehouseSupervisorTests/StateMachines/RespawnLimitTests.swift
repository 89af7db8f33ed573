@testable import GatehouseSupervisor
import Testing

/// Starts are spaced out, however workers crash (row E2).
struct RespawnLimitTests {
    @Test func `two faults cost nothing, the third a pause, each further one a longer pause`() {
        var limit = RespawnLimit()
        var pauses: [Int] = []
        var now = 0
        for _ in 0..<9 {
            limit.faultHappened(now: now)
            let next = limit.nextStart(now: now)
            pauses.append(next - now)
            now = next
        }
        #expect(pauses == [0, 0, 250, 500, 1_000, 2_000, 4_000, 8_000, 8_000])
        #expect(limit.isHoldingBack)
    }

    @Test func `after a calm everything comes back at once, and after a minute it is forgotten`() {
        var limit = RespawnLimit()
        for _ in 0..<8 { limit.faultHappened(now: 0) }
        #expect(limit.nextStart(now: 0) == 8_000)
        #expect(limit.nextStart(now: RespawnLimit.calm + 1) == RespawnLimit.calm + 1)
        #expect(limit.nextStart(now: RespawnLimit.window) == RespawnLimit.window)
        #expect(!limit.isHoldingBack)
    }

    @Test func `no more than twenty in a minute, whatever the pauses`() {
        var limit = RespawnLimit()
        limit.faultHappened(now: 0)
        for number in 0..<RespawnLimit.most { limit.started(now: number * 500) }
        #expect(limit.nextStart(now: 30_000) == RespawnLimit.window)
    }
}
