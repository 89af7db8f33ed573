import GatehouseSystem
import Glibc

/// A moment in whole seconds, as HTTP's headers have it (RFC 9110, section 5.6.7).
public struct HTTPDate: Sendable, Hashable, Comparable {
    /// Seconds since 1970 (POSIX time), in the years 1 to 9999.
    public let secondsSince1970: Int64

    /// - Parameter secondsSince1970: POSIX time; what is outside of the years 1 to 9999 becomes their end.
    public init(secondsSince1970: Int64) {
        self.secondsSince1970 = min(max(secondsSince1970, -62_135_596_800), 253_402_300_799)
    }

    /// The present second.
    public static var now: HTTPDate { HTTPDate(secondsSince1970: Int64(time(nil))) }

    /// Whether the first moment is before the second.
    public static func < (one: HTTPDate, other: HTTPDate) -> Bool { one.secondsSince1970 < other.secondsSince1970 }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    public var text: String {
        let second = Self.modulo(secondsSince1970, 86_400)
        let days = (secondsSince1970 - second) / 86_400
        let date = CalendarDay(daysSince1970: Int(days))
        let weekday = Self.weekdays[Int(Self.modulo(days + 4, 7))]
        let clock = [second / 3_600, second / 60 % 60, second % 60].map { Self.digits($0, 2) }
        return
            "\(weekday), \(Self.digits(date.day, 2)) \(Self.months[date.month - 1]) \(Self.digits(date.year, 4)) "
            + clock.joined(separator: ":") + " GMT"
    }

    /// Reads a header's date in any of the three forms that a recipient must accept: `Sun, 06 Nov 1994 08:49:37 GMT`,
    /// `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`. `nil` if it is none of them; the header counts as
    /// absent then.
    public init?(_ text: String) {
        guard text.utf8.count <= 40 else { return nil }
        var words = text.utf8.split { $0 == 32 || $0 == 44 }.map { String(Substring($0)) }
        if words.count == 4 {
            // The date of RFC 850 is one word: 06-Nov-94.
            let date = words[1].utf8.split(separator: 45, omittingEmptySubsequences: false)
            words.replaceSubrange(1...1, with: date.map { String(Substring($0)) })
        }
        let (day, month, year, clock): (String, String, String, String)
        switch (words.count, words.last) {
        case (6, "GMT"): (day, month, year, clock) = (words[1], words[2], words[3], words[4])
        case (5, _): (day, month, year, clock) = (words[2], words[1], words[4], words[3])
        default: return nil
        }
        let time = clock.utf8.split(separator: 58, omittingEmptySubsequences: false).map { Self.number(Substring($0)) }
        guard let day = Self.number(Substring(day)), (1...31).contains(day),
            let month = Self.months.firstIndex(of: month), var year = Self.number(Substring(year)),
            time.count == 3, let hour = time[0], let minute = time[1], let second = time[2],
            hour < 24, minute < 60, second <= 60
        else { return nil }
        // Two digits, of RFC 850: not more than 50 years in the future.
        if words.count == 6, words[3].utf8.count == 2 { year += year < 70 ? 2_000 : 1_900 }
        guard (1...9_999).contains(year) else { return nil }
        let days = Int64(CalendarDay.daysSince1970(Int(year), month + 1, Int(day)))
        self.init(secondsSince1970: days * 86_400 + hour * 3_600 + minute * 60 + min(second, 59))
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func digits(_ number: some BinaryInteger, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }

    /// A number of one to four digits.
    private static func number(_ text: Substring) -> Int64? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(text)
    }

    private static func modulo(_ number: Int64, _ divisor: Int64) -> Int64 {
        (number % divisor + divisor) % divisor
    }
}
