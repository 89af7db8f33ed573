public import Glibc

/// A moment in UTC, and its texts in logs. No time zone is looked up, no lock taken, and appending allocates nothing
/// beyond the array's own growth.
public struct UTCTime: Hashable, Sendable {
    /// Seconds since 1970 without leap seconds (POSIX time); negative before.
    public let secondsSince1970: Int
    /// Nanoseconds since that second: 0 to 999,999,999.
    public let nanoseconds: Int

    /// - Parameter nanoseconds: 0 to 999,999,999.
    @inlinable
    public init(secondsSince1970: Int, nanoseconds: Int = 0) {
        self.secondsSince1970 = secondsSince1970
        self.nanoseconds = nanoseconds
    }

    /// The present time (CLOCK_REALTIME).
    @inlinable
    public static func now() -> UTCTime {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return UTCTime(secondsSince1970: now.tv_sec, nanoseconds: now.tv_nsec)
    }

    /// Milliseconds since 1970.
    @inlinable
    public var millisecondsSince1970: Int { secondsSince1970 * 1_000 + nanoseconds / 1_000_000 }

    /// `2026-11-24T10:00:00Z` (RFC 3339)
    public var text: String { Self.string { appendISO(to: &$0, zone: "Z") } }

    /// `2026-11-24T10:00:00.123Z` (RFC 3339)
    public var textWithMilliseconds: String {
        Self.string { bytes in
            appendISO(to: &bytes, zone: ".")
            Self.append(nanoseconds / 1_000_000, digits: 3, to: &bytes)
            bytes.append(UInt8(ascii: "Z"))
        }
    }

    /// Appends `2026-11-24T10:00:00` and the text of the zone, which is `Z` or `+00:00`.
    public func appendISO(to bytes: inout [UInt8], zone: StaticString) {
        let date = date
        Self.append(date.year, digits: 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(date.month, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(date.day, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        appendClock(to: &bytes)
        Self.append(zone, to: &bytes)
    }

    /// Appends `24/Nov/2026:10:00:00 +0000`, the form of the common log format.
    public func appendCommonLog(to bytes: inout [UInt8]) {
        let date = date
        Self.append(date.day, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "/"))
        Self.append(Self.months[date.month - 1], to: &bytes)
        bytes.append(UInt8(ascii: "/"))
        Self.append(date.year, digits: 4, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendClock(to: &bytes)
        Self.append(" +0000", to: &bytes)
    }

    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let secondsPerDay = 86_400

    /// Days since 1970, rounded down, and the seconds since that day began.
    private var dayAndSecond: (day: Int, second: Int) {
        let second = ((secondsSince1970 % Self.secondsPerDay) + Self.secondsPerDay) % Self.secondsPerDay
        return ((secondsSince1970 - second) / Self.secondsPerDay, second)
    }

    private var date: CalendarDay { CalendarDay(daysSince1970: dayAndSecond.day) }

    private func appendClock(to bytes: inout [UInt8]) {
        let second = dayAndSecond.second
        Self.append(second / 3_600, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(second / 60 % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(second % 60, digits: 2, to: &bytes)
    }

    /// Appends the last digits of a number, with zeros in front.
    private static func append(_ number: Int, digits: Int, to bytes: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: abs(number) / divisor % 10))
            divisor /= 10
        }
    }

    private static func append(_ text: StaticString, to bytes: inout [UInt8]) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private static func string(_ write: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24)
        write(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
