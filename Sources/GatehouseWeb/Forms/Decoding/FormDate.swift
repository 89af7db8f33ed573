import FoundationEssentials
import GatehouseSystem

/// A date or a time as the inputs `date`, `datetime-local`, `time` and `month` send it (HTML Standard, 2.3.5), read in
/// UTC: `2026-03-31`, `2026-03-31T14:30`, `14:30` on 1 January 1970, `2026-03`. Seconds with a fraction may follow, and
/// after a date and a time `Z` or an offset such as `+02:00`.
extension Date: FormScalar {
    static var placeholder: Date { Date(timeIntervalSince1970: 0) }

    static func read(_ text: String) throws(FormFault) -> Date {
        guard let seconds = FormDate.seconds(text) else { throw .date }
        return Date(timeIntervalSince1970: seconds)
    }
}

/// The calendar, by arithmetic: a formatter costs far more.
enum FormDate {
    /// Seconds since 1970 of a text; `nil` if it is none of the forms, or a date that does not exist.
    static func seconds(_ text: String) -> Double? {
        guard text.utf8.count <= 40 else { return nil }
        var rest = text.utf8[...]
        // Only a time has a colon after two characters.
        if rest.dropFirst(2).first == UInt8(ascii: ":") {
            guard let time = time(&rest), rest.isEmpty else { return nil }
            return time
        }
        guard let year = number(&rest, 4), year > 0, take(&rest, "-"), let month = number(&rest, 2), 1...12 ~= month
        else { return nil }
        if rest.isEmpty { return Double(CalendarDay.daysSince1970(year, month, 1)) * 86_400 }
        guard take(&rest, "-"), let day = number(&rest, 2), day > 0, day <= CalendarDay.days(ofMonth: month, year)
        else { return nil }
        let date = Double(CalendarDay.daysSince1970(year, month, day)) * 86_400
        if rest.isEmpty { return date }
        guard take(&rest, "T") || take(&rest, " "), let time = time(&rest), let offset = offset(&rest), rest.isEmpty
        else { return nil }
        return date + time - offset
    }

    private typealias Rest = Substring.UTF8View

    private static func take(_ rest: inout Rest, _ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: scalar) else { return false }
        rest.removeFirst()
        return true
    }

    private static func number(_ rest: inout Rest, _ digits: Int) -> Int? {
        var number = 0
        for _ in 0..<digits {
            guard let byte = rest.first, FormNumber.isDigit(byte) else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
            rest.removeFirst()
        }
        return number
    }

    /// `14:30`, `14:30:59`, `14:30:59.123`
    private static func time(_ rest: inout Rest) -> Double? {
        guard let hour = number(&rest, 2), hour < 24, take(&rest, ":"), let minute = number(&rest, 2), minute < 60
        else {
            return nil
        }
        var seconds = Double(hour * 3_600 + minute * 60)
        guard take(&rest, ":") else { return seconds }
        guard let second = number(&rest, 2), second < 60 else { return nil }
        seconds += Double(second)
        guard take(&rest, ".") else { return seconds }
        var fraction = 0.0, unit = 0.1, digits = 0
        while let digit = number(&rest, 1) {
            fraction += Double(digit) * unit
            unit /= 10
            digits += 1
        }
        return digits > 0 ? seconds + fraction : nil
    }

    /// Nothing or `Z`, which are 0, or `+02:00`.
    private static func offset(_ rest: inout Rest) -> Double? {
        if rest.isEmpty || take(&rest, "Z") { return 0 }
        let sign: Double
        if take(&rest, "+") { sign = 1 } else if take(&rest, "-") { sign = -1 } else { return nil }
        guard let hour = number(&rest, 2), hour < 24, take(&rest, ":"), let minute = number(&rest, 2), minute < 60
        else {
            return nil
        }
        return sign * Double(hour * 3_600 + minute * 60)
    }

    /// A date as `datetime-local` has it, in UTC, with seconds only if there are some; `nil` outside the years 1 to
    /// 9999.
    static func text(_ date: Date) -> String? {
        let milliseconds = (date.timeIntervalSince1970 * 1_000).rounded()
        guard milliseconds >= -62_135_596_800_000, milliseconds < 253_402_300_800_000 else { return nil }
        let whole = Int(milliseconds)
        let day = whole >= 0 ? whole / 86_400_000 : (whole - 86_399_999) / 86_400_000
        let rest = whole - day * 86_400_000
        let date = CalendarDay(daysSince1970: day)
        var text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
        text += "\(padded(rest / 3_600_000, 2)):\(padded(rest / 60_000 % 60, 2))"
        if rest % 60_000 > 0 { text += ":\(padded(rest / 1_000 % 60, 2))" }
        if rest % 1_000 > 0 { text += ".\(padded(rest % 1_000, 3))" }
        return text
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
