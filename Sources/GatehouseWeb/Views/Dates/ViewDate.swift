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
        var text: [UInt8] = []
        text.reserveCapacity(48)
        var place = 0
        while place < pattern.count {
            let byte = pattern[place]
            var end = place + 1
            if byte == UInt8(ascii: "'") {
                while end < pattern.count, pattern[end] != byte { end += 1 }
                text += end == place + 1 ? [byte] : Array(pattern[(place + 1)..<end])
                end += 1
            } else if (byte | 0x20) &- UInt8(ascii: "a") < 26 {
                while end < pattern.count, pattern[end] == byte { end += 1 }
                try append(byte, end - place, language, to: &text)
            } else {
                text.append(byte)
            }
            place = end
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func append(_ letter: UInt8, _ count: Int, _ language: ViewLanguage, to text: inout [UInt8]) throws {
        switch letter {
        case UInt8(ascii: "y") where count == 2: Self.append(Self.modulo(year, 100), 2, to: &text)
        case UInt8(ascii: "y"): Self.append(year, min(count, 4), to: &text)
        case UInt8(ascii: "M") where count < 3: Self.append(month, count, to: &text)
        case UInt8(ascii: "M"): text += (count == 3 ? language.shortMonths : language.months)[month - 1].utf8
        case UInt8(ascii: "d"): Self.append(day, min(count, 2), to: &text)
        case UInt8(ascii: "E"): text += (count <= 3 ? language.shortWeekdays : language.weekdays)[weekday].utf8
        case UInt8(ascii: "H"): Self.append(hour, min(count, 2), to: &text)
        case UInt8(ascii: "h"): Self.append((hour + 11) % 12 + 1, min(count, 2), to: &text)
        case UInt8(ascii: "m"): Self.append(minute, min(count, 2), to: &text)
        case UInt8(ascii: "s"): Self.append(second, min(count, 2), to: &text)
        case UInt8(ascii: "a"): text += hour < 12 ? "am".utf8 : "pm".utf8
        case UInt8(ascii: "Z"), UInt8(ascii: "X"), UInt8(ascii: "x"): text += zoneText.utf8
        default:
            let letter = Character(Unicode.Scalar(letter))
            throw ViewProblem("the pattern's letter “\(letter)” has no meaning; it knows yMdEHhmsaZ, 'text' in quotes")
        }
    }

    /// Appends a number with at least so many digits.
    private static func append(_ number: Int, _ count: Int, to text: inout [UInt8]) {
        if number >= 0, number < 100, count == 2 {
            text.append(UInt8(ascii: "0") + UInt8(number / 10))
            return text.append(UInt8(ascii: "0") + UInt8(number % 10))
        }
        if number < 0 { text.append(UInt8(ascii: "-")) }
        let number = number.magnitude
        var unit: UInt = 1
        for _ in 1..<max(1, count) { unit *= 10 }
        while number / unit >= 10 { unit *= 10 }
        while unit > 0 {
            text.append(UInt8(ascii: "0") + UInt8(number / unit % 10))
            unit /= 10
        }
    }

    private static func modulo(_ number: Int, _ divisor: Int) -> Int {
        number - quotient(number, divisor) * divisor
    }
}
