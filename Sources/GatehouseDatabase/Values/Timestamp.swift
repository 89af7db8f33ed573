/// Moments as microseconds since 1970-01-01 00:00:00 UTC, and their text forms. The calendar is the Gregorian one for
/// all years, as in the databases.
package enum Timestamp {
    /// The moments of the years 1 to 9999.
    static let fourDigitYears: Range<Int64> =
        (days(1, 1, 1) * microsecondsOfDay)..<(days(10_000, 1, 1) * microsecondsOfDay)

    static let microsecondsOfDay: Int64 = 86_400_000_000

    /// The days from 1970-01-01 to a date. The year before 1 is 0.
    package static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        // The year begins in March here, so that the leap day is its last. An era is 400 years.
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    package static func date(ofDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    package static func daysOfMonth(_ year: Int64, _ month: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Appends `2026-01-02 03:04:05.000006+00` for PostgreSQL, the same without the zone for MySQL, and milliseconds
    /// for SQLite.
    static func append(_ microseconds: Int64, for dialect: Dialect, to output: inout [UInt8]) {
        let days = microseconds.floored(by: microsecondsOfDay)
        let time = Int(microseconds - days * microsecondsOfDay)
        let (year, month, day) = date(ofDays: days)
        output.append(decimal: Int(year > 0 ? year : 1 - year), width: 4)
        output.append(UInt8(ascii: "-"))
        output.append(decimal: Int(month), width: 2)
        output.append(UInt8(ascii: "-"))
        output.append(decimal: Int(day), width: 2)
        output.append(UInt8(ascii: " "))
        output.append(decimal: time / 3_600_000_000, width: 2)
        output.append(UInt8(ascii: ":"))
        output.append(decimal: time / 60_000_000 % 60, width: 2)
        output.append(UInt8(ascii: ":"))
        output.append(decimal: time / 1_000_000 % 60, width: 2)
        output.append(UInt8(ascii: "."))
        if dialect == .sqlite {
            output.append(decimal: time / 1_000 % 1_000, width: 3)
        } else {
            output.append(decimal: time % 1_000_000, width: 6)
        }
        if dialect == .postgreSQL { output += (year > 0 ? "+00" : "+00 BC").utf8 }
    }

    /// Reads a timestamp or a date, in UTC unless it says another zone.
    static func parse(_ text: UnsafeBufferPointer<UInt8>, _ dialect: Dialect) throws(CellError) -> Int64 {
        var reader = TimestampReader(text: text)
        return try reader.read(dialect)
    }
}

extension Int64 {
    fileprivate func floored(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// `2026-01-02 03:04:05.000006+05:30 BC`, of which everything after the date may be missing.
private struct TimestampReader {
    let text: UnsafeBufferPointer<UInt8>
    var position = 0

    private static let malformed = CellError("is no date or time stamp")

    mutating func read(_ dialect: Dialect) throws(CellError) -> Int64 {
        if text.elementsEqual("infinity".utf8) || text.elementsEqual("-infinity".utf8) {
            throw CellError("is infinite, which a Date cannot be")
        }
        var year = try number(digits: 4...6)
        try skip("-")
        let month = try number(digits: 2...2)
        try skip("-")
        let day = try number(digits: 2...2)
        if month == 0 || day == 0 { throw CellError("is a zero date, which is no moment") }
        var microseconds: Int64 = 0
        var offset: Int64 = 0
        let digitFollows = position + 1 < text.count && text[position + 1].isASCIIDigit
        if digitFollows, take(" ") || take("T") {
            microseconds = try timeOfDay()
            offset = try zone()
        }
        if position == text.count - 3, take(" "), take("B"), take("C") { year = 1 - year }
        guard position == text.count, month <= 12, day <= Timestamp.daysOfMonth(year, month) else {
            throw Self.malformed
        }
        let seconds = Timestamp.days(year, month, day) * 86_400 - offset
        let (scaled, isTooGreat) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, isOver) = scaled.addingReportingOverflow(microseconds)
        if isTooGreat || isOver { throw CellError("is a moment out of range") }
        return sum
    }

    private mutating func timeOfDay() throws(CellError) -> Int64 {
        let hour = try number(digits: 2...2)
        try skip(":")
        let minute = try number(digits: 2...2)
        var second: Int64 = 0
        var fraction: Int64 = 0
        if take(":") {
            second = try number(digits: 2...2)
            if take(".") { fraction = try self.fraction() }
        }
        guard hour < 24, minute < 60, second < 60 else { throw Self.malformed }
        return ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction
    }

    /// Microseconds; what is below them is dropped.
    private mutating func fraction() throws(CellError) -> Int64 {
        var value: Int64 = 0
        var unit: Int64 = 100_000
        let start = position
        while position < text.count, text[position].isASCIIDigit {
            value += Int64(text[position] & 15) * unit
            unit /= 10
            position += 1
        }
        if position == start { throw Self.malformed }
        return value
    }

    /// The seconds that a zone is ahead of UTC.
    private mutating func zone() throws(CellError) -> Int64 {
        if take("Z") { return 0 }
        let isAhead = take("+")
        guard isAhead || take("-") else { return 0 }
        var offset = try number(digits: 2...2) * 3_600
        if take(":") { offset += try number(digits: 2...2) * 60 }
        if take(":") { offset += try number(digits: 2...2) }
        return isAhead ? offset : -offset
    }

    private mutating func number(digits: ClosedRange<Int>) throws(CellError) -> Int64 {
        var value: Int64 = 0
        let start = position
        while position < text.count, position - start < digits.upperBound, text[position].isASCIIDigit {
            value = value * 10 + Int64(text[position] & 15)
            position += 1
        }
        guard position - start >= digits.lowerBound else { throw Self.malformed }
        return value
    }

    @inline(__always)
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    @inline(__always)
    private mutating func skip(_ character: Unicode.Scalar) throws(CellError) {
        if !take(character) { throw Self.malformed }
    }
}
