import GatehouseSystem

/// A time zone's rule for all years to come, as POSIX writes it: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneRule: Sendable, Equatable {
    /// A day of each year, and a time on it.
    struct Change: Sendable, Equatable {
        enum Day: Sendable, Equatable {
            /// The nth weekday of a month; the fifth is the last.
            case weekday(month: Int, week: Int, day: Int)
            /// The day of the year from 1, 29 February never counted.
            case julian(Int)
            /// The day of the year from 0.
            case number(Int)
        }

        var day: Day
        /// Seconds from the beginning of the day, local time.
        var time: Int = 7_200
    }

    var standard: Int = 0
    var summer: Int?
    var begins = Change(day: .weekday(month: 3, week: 2, day: 0))
    var ends = Change(day: .weekday(month: 11, week: 1, day: 0))

    init?(_ text: String) {
        var reader = Reader(rest: text[...])
        guard reader.skipName(), let offset = reader.time(hours: 24) else { return nil }
        // POSIX counts from local time to UTC.
        standard = -offset
        guard !reader.rest.isEmpty else { return }
        guard reader.skipName() else { return nil }
        var difference = standard + 3_600
        if let first = reader.rest.first, first != "," {
            guard let offset = reader.time(hours: 24) else { return nil }
            difference = -offset
        }
        summer = difference
        guard !reader.rest.isEmpty else { return }
        guard let begins = reader.change(), let ends = reader.change(), reader.rest.isEmpty else { return nil }
        self.begins = begins
        self.ends = ends
    }

    /// The difference from UTC at a moment, both in seconds.
    func offset(at moment: Int64) -> Int64 {
        guard let summer else { return Int64(standard) }
        let moment = Int(moment)
        let year = CalendarDay(daysSince1970: Int(Int64(moment + standard).flooredDays)).year
        let begin = Self.local(begins, year) - standard
        let end = Self.local(ends, year) - summer
        let isSummer = begin < end ? moment >= begin && moment < end : moment >= begin || moment < end
        return Int64(isSummer ? summer : standard)
    }

    /// The moment of a change in a year, local time.
    private static func local(_ change: Change, _ year: Int) -> Int {
        let day: Int
        switch change.day {
        case .number(let number): day = CalendarDay.daysSince1970(year, 1, 1) + number
        case .julian(let number):
            let isLeap = CalendarDay.days(ofMonth: 2, year) == 29
            day = CalendarDay.daysSince1970(year, 1, 1) + number - 1 + (isLeap && number >= 60 ? 1 : 0)
        case .weekday(let month, let week, let weekday):
            let first = CalendarDay.daysSince1970(year, month, 1)
            var date = (weekday - (first + 4) % 7 + 7) % 7 + (week - 1) * 7
            if date >= CalendarDay.days(ofMonth: month, year) { date -= 7 }
            day = first + date
        }
        return day * 86_400 + change.time
    }

    /// Reads the parts of the text, from left to right.
    private struct Reader {
        var rest: Substring

        mutating func skipName() -> Bool {
            if rest.first == "<" {
                guard let end = rest.firstIndex(of: ">") else { return false }
                rest = rest[rest.index(after: end)...]
                return true
            }
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest[name.endIndex...]
            return name.count >= 3
        }

        /// `2`, `-03:30`, `2:00:00`, in seconds.
        mutating func time(hours most: Int) -> Int? {
            let isNegative = rest.first == "-"
            if isNegative || rest.first == "+" { rest = rest.dropFirst() }
            guard let hours = number(0...most) else { return nil }
            var seconds = hours * 3_600
            for unit in [60, 1] as [Int] where rest.first == ":" {
                rest = rest.dropFirst()
                guard let part = number(0...59) else { return nil }
                seconds += part * unit
            }
            return isNegative ? -seconds : seconds
        }

        mutating func number(_ range: ClosedRange<Int>) -> Int? {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest[digits.endIndex...]
            guard digits.utf8.count <= 4, let number = Int(digits), range.contains(number) else { return nil }
            return number
        }

        private mutating func take(_ character: Character) -> Bool {
            guard rest.first == character else { return false }
            rest = rest.dropFirst()
            return true
        }

        mutating func change() -> Change? {
            guard take(",") else { return nil }
            let day: Change.Day
            if take("M") {
                guard let month = number(1...12), take("."), let week = number(1...5), take("."),
                    let weekday = number(0...6)
                else { return nil }
                day = .weekday(month: month, week: week, day: weekday)
            } else if take("J") {
                guard let number = number(1...365) else { return nil }
                day = .julian(number)
            } else {
                guard let number = number(0...365) else { return nil }
                day = .number(number)
            }
            var change = Change(day: day)
            if take("/") {
                // Up to a week (RFC 8536, section 3.3.1).
                guard let time = time(hours: 167) else { return nil }
                change.time = time
            }
            return change
        }
    }
}
