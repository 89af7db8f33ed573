import GatehouseSystem

/// Moments as microseconds since 1970-01-01 00:00:00 UTC, and their text forms. The calendar is the Gregorian one for
/// all years, as in the databases.
package enum Timestamp {
    /// The moments of the years 1 to 9999.
    static let fourDigitYears = firstMoment(1)..<firstMoment(10_000)

    static let microsecondsOfDay: Int64 = 86_400_000_000

    private static func firstMoment(_ year: Int) -> Int64 {
        Int64(CalendarDay.daysSince1970(year, 1, 1)) * microsecondsOfDay
    }

    /// Appends `2026-01-02 03:04:05.000006+00` for PostgreSQL, the same without the zone for MySQL, and milliseconds
    /// for SQLite.
    static func append(_ microseconds: Int64, for dialect: Dialect, to output: inout [UInt8]) {
        let days = microseconds.floored(by: microsecondsOfDay)
        let time = Int(microseconds - days * microsecondsOfDay)
        let date = CalendarDay(daysSince1970: Int(days))
        output.append(decimal: date.year > 0 ? date.year : 1 - date.year, width: 4)
        output.append(UInt8(ascii: "-"))
        output.append(decimal: date.month, width: 2)
        output.append(UInt8(ascii: "-"))
        output.append(decimal: date.day, width: 2)
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
        if dialect == .postgreSQL { output += (date.year > 0 ? "+00" : "+00 BC").utf8 }
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
        if text.first?.isASCIIDigit == false,
            text.elementsEqual("infinity".utf8) || text.elementsEqual("-infinity".utf8)
        {
            throw CellError("is infinite, which a Date cannot be")
        }
        var year = Int(try number(digits: 4...6))
        try skip("-")
        let month = Int(try twoDigits())
        try skip("-")
        let day = Int(try twoDigits())
        if month == 0 || day == 0 { throw CellError("is a zero date, which is no moment") }
        var microseconds: Int64 = 0
        var offset: Int64 = 0
        let digitFollows = position + 1 < text.count && text[position + 1].isASCIIDigit
        if digitFollows, take(" ") || take("T") {
            microseconds = try timeOfDay()
            offset = try zone()
        }
        if position == text.count - 3, take(" "), take("B"), take("C") { year = 1 - year }
        guard position == text.count, month <= 12, day <= CalendarDay.days(ofMonth: month, year) else {
            throw Self.malformed
        }
        let seconds = Int64(CalendarDay.daysSince1970(year, month, day)) * 86_400 - offset
        let (scaled, isTooGreat) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, isOver) = scaled.addingReportingOverflow(microseconds)
        if isTooGreat || isOver { throw CellError("is a moment out of range") }
        return sum
    }

    private mutating func timeOfDay() throws(CellError) -> Int64 {
        let hour = try twoDigits()
        try skip(":")
        let minute = try twoDigits()
        var second: Int64 = 0
        var fraction: Int64 = 0
        if take(":") {
            second = try twoDigits()
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
        var offset = try twoDigits() * 3_600
        if take(":") { offset += try twoDigits() * 60 }
        if take(":") { offset += try twoDigits() }
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
    private mutating func twoDigits() throws(CellError) -> Int64 {
        guard text.count - position >= 2, text[position].isASCIIDigit, text[position + 1].isASCIIDigit else {
            throw Self.malformed
        }
        defer { position += 2 }
        return Int64(text[position] & 15) * 10 + Int64(text[position + 1] & 15)
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
