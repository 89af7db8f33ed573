import GatehouseServer
import Testing

struct StallDetectorTests {
    @Test func `a stall is reported once, traced once, and its end is said`() {
        var detector = StallDetector(reportAfter: 100, backtraceAfter: 500)
        #expect(detector.look(busySince: 0, now: 1_000).isEmpty)
        #expect(detector.look(busySince: 1_000, now: 1_099).isEmpty)
        #expect(detector.look(busySince: 1_000, now: 1_100) == [.stalled(100)])
        #expect(detector.look(busySince: 1_000, now: 1_400).isEmpty)
        #expect(detector.look(busySince: 1_000, now: 1_600) == [.backtraceWanted(600)])
        #expect(detector.look(busySince: 1_000, now: 1_700).isEmpty)
        #expect(detector.look(busySince: 0, now: 1_750) == [.recovered(750)])
        #expect(detector.look(busySince: 0, now: 1_800).isEmpty)
    }

    @Test func `a second stall right after the first is another`() {
        var detector = StallDetector(reportAfter: 100, backtraceAfter: 0)
        #expect(detector.look(busySince: 1_000, now: 1_200) == [.stalled(200)])
        #expect(detector.look(busySince: 1_250, now: 1_400) == [.recovered(400), .stalled(150)])
    }

    @Test func `many short turns are no stall, and 0 is never`() {
        var detector = StallDetector(reportAfter: 100, backtraceAfter: 200)
        for turn in 1...50 { #expect(detector.look(busySince: Int64(turn * 90), now: Int64(turn * 90 + 89)).isEmpty) }
        var never = StallDetector(reportAfter: 0, backtraceAfter: 0)
        #expect(never.look(busySince: 1, now: .max / 2).isEmpty)
    }
}
