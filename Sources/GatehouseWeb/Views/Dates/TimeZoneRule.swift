/// The rule by which a time zone changes in every year to come: `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX, "TZ"; RFC 9636,
/// section 3.3.1).
struct TimeZoneRule: Sendable, Equatable {
    /// Seconds ahead of UTC.
    private let standard: Int
    private let summer: (offset: Int, start: Day, end: Day)?

    /// A day of the year and a time on it.
    private struct Day: Equatable {
        enum Kind: Equatable {
            /// The last, or the first to fourth, weekday of a month.
            case weekday(month: Int, week: Int, weekday: Int)
            /// A day from 0 on, with 29 February.
            case day(Int)
            /// A day from 1 on, without 29 February.
            case julian(Int)
        }

        let kind: Kind
        /// Seconds after midnight.
        let time: Int

        /// The moment in a year, as if the time were UTC.
        func moment(in year: Int) -> Int { days(in: year) * 86_400 + time }

        private func days(in year: Int) -> Int {
            let newYear = ViewDate.days(year, 1, 1)
            switch kind {
            case .day(let day): return newYear + day
            case .julian(let day):
                let isLeap = ViewDate.days(year + 1, 1, 1) - newYear == 366
                return newYear + day - 1 + (isLeap && day >= 60 ? 1 : 0)
            case .weekday(let month, let week, let weekday):
                let first = ViewDate.days(year, month, 1)
                let next = month == 12 ? ViewDate.days(year + 1, 1, 1) : ViewDate.days(year, month + 1, 1)
                var day = first + (weekday - (first % 7 + 11) % 7 + 7) % 7 + (week - 1) * 7
                if day >= next { day -= 7 }
                return day
            }
        }
    }

    static func == (one: Self, other: Self) -> Bool {
        one.standard == other.standard && one.summer?.offset == other.summer?.offset
            && one.summer?.start == other.summer?.start && one.summer?.end == other.summer?.end
    }

    func offset(at moment: Int) -> Int {
        guard let (offset, start, end) = summer else { return standard }
        let days = ViewDate.quotient(moment + standard, 86_400)
        let year = ViewDate.year(ofDay: days)
        let begins = start.moment(in: year) - standard
        let ends = end.moment(in: year) - offset
        let isSummer = begins < ends ? (begins..<ends).contains(moment) : !(ends..<begins).contains(moment)
        return isSummer ? offset : standard
    }

    /// - Returns: `nil` if the text is no such rule.
    init?(_ text: String) {
        var reader = Reader(rest: Substring(text))
        guard reader.name(), let west = reader.time() else { return nil }
        standard = -west
        guard !reader.rest.isEmpty else {
            summer = nil
            return
        }
        guard reader.name() else { return nil }
        var offset = standard + 3_600
        if reader.rest.first != "," {
            guard let west = reader.time() else { return nil }
            offset = -west
        }
        guard let start = reader.day(), let end = reader.day(), reader.rest.isEmpty else { return nil }
        summer = (offset, start, end)
    }

    private struct Reader {
        var rest: Substring

        mutating func take(_ character: Character) -> Bool {
            guard rest.first == character else { return false }
            rest.removeFirst()
            return true
        }

        /// Skips the name of a time: three letters or more, or anything between angle brackets.
        mutating func name() -> Bool {
            if take("<") {
                guard let end = rest.firstIndex(of: ">") else { return false }
                rest = rest[rest.index(after: end)...]
                return true
            }
            let letters = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(letters.count)
            return letters.count >= 3
        }

        mutating func number(_ range: ClosedRange<Int>) -> Int? {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }.prefix(3)
            rest = rest.dropFirst(digits.count)
            guard let number = Int(digits), range.contains(number) else { return nil }
            return number
        }

        /// `[+-]h[h][:mm[:ss]]`, in seconds.
        mutating func time() -> Int? {
            let isNegative = take("-")
            if !isNegative { _ = take("+") }
            guard var seconds = number(0...167).map({ $0 * 3_600 }) else { return nil }
            for unit in [60, 1] where take(":") {
                guard let part = number(0...59) else { return nil }
                seconds += part * unit
            }
            return isNegative ? -seconds : seconds
        }

        /// `,M3.5.0/2`, `,J160`, `,59`.
        mutating func day() -> Day? {
            guard take(","), let kind = kind() else { return nil }
            guard take("/") else { return Day(kind: kind, time: 7_200) }
            return time().map { Day(kind: kind, time: $0) }
        }

        private mutating func kind() -> Day.Kind? {
            if take("J") { return number(1...365).map { .julian($0) } }
            guard take("M") else { return number(0...365).map { .day($0) } }
            guard let month = number(1...12), take("."), let week = number(1...5), take("."),
                let weekday = number(0...6)
            else { return nil }
            return .weekday(month: month, week: week, weekday: weekday)
        }
    }
}
