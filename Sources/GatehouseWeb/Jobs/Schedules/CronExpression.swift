import GatehouseSystem

/// The moments of a cron expression: `30 3 * * mon-fri`.
///
/// | field | values |
/// |---|---|
/// | minute | 0 to 59 |
/// | hour | 0 to 23 |
/// | day of the month | 1 to 31 |
/// | month | 1 to 12, or `jan` to `dec` |
/// | day of the week | 0 to 7, or `sun` to `sat`; 0 and 7 are Sunday |
///
/// A field is `*`, a value, a range `2-5`, each with a step, as `*/15`, `8-18/2`, and `5/10` which is 5 to the end, or
/// several of these with commas. `@hourly`, `@daily` (`@midnight`), `@weekly`, `@monthly` and `@yearly` (`@annually`)
/// stand for five fields. If both days are given, and neither begins with `*`, a day that fits one of them fits:
/// crontab(5).
public struct CronExpression: Sendable, Equatable {
    // A bit for each value.
    let minutes: UInt64
    let hours: UInt64
    let days: UInt64
    let months: UInt64
    let weekdays: UInt64
    /// Whether the hour, and the days, begin with `*`.
    let isEveryHour: Bool
    let isAnyDay: Bool
    let isAnyWeekday: Bool

    private static let shorthands = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// Reads an expression.
    /// - Throws: ``CronError``, which names the field; also for one that has no moment, as the 30th of February.
    public init(_ text: String) throws(CronError) {
        guard text.utf8.count <= 200 else { throw CronError("a cron expression has at most 200 characters") }
        let trimmed = text.trimmingPrefix { $0 == " " }
        var fields = trimmed.split { $0 == " " || $0 == "\t" }
        if fields.count == 1, fields[0].hasPrefix("@") {
            guard let meaning = Self.shorthands[fields[0].lowercased()] else {
                throw CronError("\"\(text)\" is none of \(Self.shorthands.keys.sorted().joined(separator: ", "))")
            }
            fields = meaning.split(separator: " ")
        }
        guard fields.count == 5 else {
            throw CronError(
                "\"\(text)\" has \(fields.count) fields: write minute, hour, day of the month, month and day of the "
                    + "week, as in \"30 3 * * *\"")
        }
        minutes = try CronField.minute.values(fields[0], of: text)
        hours = try CronField.hour.values(fields[1], of: text)
        days = try CronField.day.values(fields[2], of: text)
        months = try CronField.month.values(fields[3], of: text)
        let weekdays = try CronField.weekday.values(fields[4], of: text)
        // 7 is Sunday, too.
        self.weekdays = (weekdays | weekdays >> 7) & 0x7F
        isEveryHour = fields[1].hasPrefix("*")
        isAnyDay = fields[2].hasPrefix("*")
        isAnyWeekday = fields[4].hasPrefix("*")
        guard next(after: 0, in: .utc) != nil else { throw CronError("no day is ever as \"\(text)\" says") }
    }

    /// Whether a day, counted from 1970-01-01, fits.
    func fits(day number: Int64) -> Bool {
        let date = CalendarDay(daysSince1970: Int(number))
        guard months >> UInt64(date.month) & 1 == 1 else { return false }
        // 1970-01-01 was a Thursday.
        let weekday = ((number + 4) % 7 + 7) % 7
        let fitsDay = days >> UInt64(date.day) & 1 == 1
        let fitsWeekday = weekdays >> UInt64(weekday) & 1 == 1
        return isAnyDay || isAnyWeekday ? fitsDay && fitsWeekday : fitsDay || fitsWeekday
    }

    /// The minutes of a day that fit, in order, as seconds from its beginning.
    private var times: [Int64] {
        (0..<24).filter { hours >> $0 & 1 == 1 }.flatMap { hour in
            (0..<60).filter { minutes >> $0 & 1 == 1 }.map { hour * 3_600 + $0 * 60 }
        }
    }

    /// The first moment after another one, both in seconds since 1970; `nil` if there is none in the next forty years,
    /// in which every date that exists comes on every day of the week.
    func next(after moment: Int64, in zone: Zone) -> Int64? {
        let times = times
        // The day before: its last hour may come again when clocks are put back.
        let first = (moment + zone.offset(at: moment)).flooredDays - 1
        for day in first..<(first + 41 * 366) where fits(day: day) {
            var earliest: Int64?
            for time in times {
                for instant in zone.instants(ofLocal: day * 86_400 + time, goesByHours: isEveryHour)
                where instant > moment && instant < earliest ?? .max {
                    earliest = instant
                }
                // Times in order have instants in order, except around a change of the clocks.
                if let earliest, zone.isEven(around: earliest) { break }
            }
            if let earliest { return earliest }
        }
        return nil
    }
}

/// The fault of a cron expression or a time zone.
public struct CronError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The fault, its field, and what to write.
    public let description: String

    init(_ description: String) { self.description = description }
}
