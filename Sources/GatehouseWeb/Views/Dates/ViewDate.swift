import FoundationEssentials
import GatehouseSystem

/// A date and a time of day in a time zone, by the Gregorian calendar.
struct ViewDate {
    let year: Int
    /// From 1 on.
    let month: Int
    let day: Int
    let hour: Int
    let minute: Int
    let second: Int
    /// 0 is Sunday.
    let weekday: Int
    /// Seconds that the time zone is ahead of UTC.
    let offset: Int

    /// A date far out of what people mean (before the year -9999 or after 9999) is taken to be at that end.
    init(_ moment: Date, in zone: ViewTimeZone) {
        let bound = 250_000_000_000.0
        let interval = moment.timeIntervalSince1970
        let seconds = interval.isNaN ? 0 : Int(min(max(interval, -bound), bound).rounded(.down))
        offset = zone.offset(at: seconds)
        let local = seconds + offset
        let days = Self.quotient(local, 86_400)
        let time = local - days * 86_400
        (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60)
        weekday = (days % 7 + 11) % 7
        let date = CalendarDay(daysSince1970: days)
        (year, month, day) = (date.year, date.month, date.day)
    }

    /// A quotient rounded down.
    private static func quotient(_ number: Int, _ divisor: Int) -> Int {
        let quotient = number / divisor
        return number % divisor < 0 ? quotient - 1 : quotient
    }

    /// `2026-11-29T08:15:00Z`, `2026-11-29T09:15:00+01:00` (RFC 3339).
    var rfc3339: String {
        "\(Self.digits(year, 4))-\(Self.digits(month, 2))-\(Self.digits(day, 2))"
            + "T\(Self.digits(hour, 2)):\(Self.digits(minute, 2)):\(Self.digits(second, 2))\(zoneText)"
    }

    /// `Z` or `+01:00`.
    private var zoneText: String {
        guard offset != 0 else { return "Z" }
        let minutes = abs(offset) / 60
        return (offset < 0 ? "-" : "+") + Self.digits(minutes / 60, 2) + ":" + Self.digits(minutes % 60, 2)
    }

    static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(abs(number))
        return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }

    /// The date by a pattern of Unicode's letters (UTS #35, "Date Format Patterns"): the letters `yMdEHhmsaZ`, text
    /// between single quotes. Over bytes: a list has a date in each row.
    /// - Throws: ``ViewProblem`` for another letter.
    func text(_ pattern: String, _ language: ViewLanguage) throws -> String {
        var pattern = pattern
        return try pattern.withUTF8 { try text($0, language) }
    }

    private func text(_ pattern: UnsafeBufferPointer<UInt8>, _ language: ViewLanguage) throws -> String {
        // No letter stands for more than a name, or a number with its sign, or a zone.
        let most = pattern.count * max(language.longestName, 8)
        return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: most) { space in
            var text = Text(space: space)
            var place = 0
            while place < pattern.count {
                let byte = pattern[place]
                var end = place + 1
                if byte == UInt8(ascii: "'") {
                    while end < pattern.count, pattern[end] != byte { end += 1 }
                    if end == place + 1 { text.append(byte) }
                    for letter in pattern[(place + 1)..<end] { text.append(letter) }
                    end += 1
                } else if (byte | 0x20) &- UInt8(ascii: "a") < 26 {
                    while end < pattern.count, pattern[end] == byte { end += 1 }
                    try append(byte, end - place, language, to: &text)
                } else {
                    text.append(byte)
                }
                place = end
            }
            return String(decoding: UnsafeBufferPointer(rebasing: space[..<text.count]), as: UTF8.self)
        }
    }

    private func append(_ letter: UInt8, _ count: Int, _ language: ViewLanguage, to text: inout Text) throws {
        switch letter {
        case UInt8(ascii: "y") where count == 2: text.append(Self.modulo(year, 100), 2)
        case UInt8(ascii: "y"): text.append(year, min(count, 4))
        case UInt8(ascii: "M") where count < 3: text.append(month, count)
        case UInt8(ascii: "M"): text.append((count == 3 ? language.shortMonths : language.months)[month - 1])
        case UInt8(ascii: "d"): text.append(day, min(count, 2))
        case UInt8(ascii: "E"): text.append((count <= 3 ? language.shortWeekdays : language.weekdays)[weekday])
        case UInt8(ascii: "H"): text.append(hour, min(count, 2))
        case UInt8(ascii: "h"): text.append((hour + 11) % 12 + 1, min(count, 2))
        case UInt8(ascii: "m"): text.append(minute, min(count, 2))
        case UInt8(ascii: "s"): text.append(second, min(count, 2))
        case UInt8(ascii: "a"): text.append(hour < 12 ? "am" : "pm")
        case UInt8(ascii: "Z"), UInt8(ascii: "X"), UInt8(ascii: "x"): text.append(zoneText)
        default:
            let letter = Character(Unicode.Scalar(letter))
            throw ViewProblem("the pattern's letter “\(letter)” has no meaning; it knows yMdEHhmsaZ, 'text' in quotes")
        }
    }

    /// The bytes of a date's text in a space that is large enough; what should be beyond its end is left out.
    private struct Text {
        let space: UnsafeMutableBufferPointer<UInt8>
        private(set) var count = 0

        mutating func append(_ byte: UInt8) {
            guard count < space.count else { return }
            space[count] = byte
            count += 1
        }

        mutating func append(_ text: String) {
            for byte in text.utf8 { append(byte) }
        }

        /// Appends a number with at least so many digits.
        mutating func append(_ number: Int, _ digits: Int) {
            if number < 0 { append(UInt8(ascii: "-")) }
            let number = number.magnitude
            var unit: UInt = 1
            for _ in 1..<max(1, digits) { unit *= 10 }
            while number / unit >= 10 { unit *= 10 }
            while unit > 0 {
                append(UInt8(ascii: "0") + UInt8(number / unit % 10))
                unit /= 10
            }
        }
    }

    private static func modulo(_ number: Int, _ divisor: Int) -> Int {
        number - quotient(number, divisor) * divisor
    }
}
