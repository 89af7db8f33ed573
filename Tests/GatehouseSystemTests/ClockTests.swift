import GatehouseSystem
import Glibc
import Testing

struct ClockTests {
    @Test func `the units of the monotonic clock agree`() {
        let before = MonotonicClock.nanoseconds()
        let (micro, milli, seconds) = (
            MonotonicClock.microseconds(), MonotonicClock.milliseconds(), MonotonicClock.seconds()
        )
        let after = MonotonicClock.nanoseconds()
        #expect(before > 0 && before <= after)
        #expect((before / 1_000...after / 1_000).contains(Int64(micro)))
        #expect((before / 1_000_000...after / 1_000_000).contains(Int64(milli)))
        #expect((Double(before) / 1e9...Double(after) / 1e9).contains(seconds))
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
        (951_868_800, "2000-03-01T00:00:00Z"), (1_709_164_800, "2024-02-29T00:00:00Z"),
        (1_735_689_599, "2024-12-31T23:59:59Z"), (1_735_689_600, "2025-01-01T00:00:00Z"),
        (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"), (-1, "1969-12-31T23:59:59Z"),
        (-2_203_891_200, "1900-03-01T00:00:00Z"),
    ])
    func `dates around leap days and the turn of years`(second: Int, text: String) {
        #expect(UTCTime(secondsSince1970: second).text == text)
    }

    @Test func `every form of a moment`() {
        let moment = UTCTime(secondsSince1970: 1_795_514_400, nanoseconds: 7_999_999)
        #expect(moment.text == "2026-11-24T10:00:00Z")
        #expect(moment.textWithMilliseconds == "2026-11-24T10:00:00.007Z")
        #expect(moment.millisecondsSince1970 == 1_795_514_400_007)
        var bytes = Array("[".utf8)
        moment.appendCommonLog(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "[24/Nov/2026:10:00:00 +0000")
        bytes = []
        moment.appendISO(to: &bytes, zone: "+00:00")
        #expect(String(decoding: bytes, as: UTF8.self) == "2026-11-24T10:00:00+00:00")
    }

    @Test func `every day of eight centuries is the C library's`() {
        // Two hours before noon: within the day on both sides of 1970.
        for day in stride(from: -146_097, through: 146_097, by: 1) {
            var second = time_t(day * 86_400 + 36_061)
            var parts = tm()
            gmtime_r(&second, &parts)
            var text = [CChar](repeating: 0, count: 32)
            let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
            let expected = String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let found = UTCTime(secondsSince1970: second).text
            guard found == expected else {
                Issue.record("day \(day): \(found), not \(expected)")
                return
            }
        }
    }

    @Test func `now is the time of day`() {
        let before = time(nil)
        let now = UTCTime.now()
        #expect((before...before + 60).contains(now.secondsSince1970))
        #expect((0..<1_000_000_000).contains(now.nanoseconds))
    }
}
