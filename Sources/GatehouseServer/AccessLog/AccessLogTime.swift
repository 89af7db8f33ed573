import Glibc

/// The time of day as access logs write it, spelled out once a second.
struct AccessLogTime {
    /// `24/Nov/2026:10:00:00 +0000`
    private(set) var common: [UInt8] = []
    /// `2026-11-24T10:00:00+00:00`
    private(set) var iso: [UInt8] = []
    private(set) var milliseconds = 0
    private var second: time_t = -1

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    mutating func look() {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        milliseconds = now.tv_sec * 1_000 + now.tv_nsec / 1_000_000
        if now.tv_sec != second { spell(now.tv_sec) }
    }

    mutating func spell(_ time: time_t) {
        second = time
        var time = time
        var parts = tm()
        gmtime_r(&time, &parts)
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        let year = parts.tm_year + 1900
        let month = Self.months[Int(min(11, max(0, parts.tm_mon)))]
        common = Array("\(two(parts.tm_mday))/\(month)/\(year):\(clock) +0000".utf8)
        iso = Array("\(year)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T\(clock)+00:00".utf8)
    }
}
