/// The words and marks by which templates write dates, numbers and plurals.
public struct ViewLanguage: Sendable {
    /// The months, January first: 12.
    public let months: [String]
    /// The months in short.
    public let shortMonths: [String]
    /// The days of the week, Sunday first: 7.
    public let weekdays: [String]
    /// The days of the week in short.
    public let shortWeekdays: [String]
    /// The pattern of `{{date(x)}}`.
    public var datePattern: String
    /// The pattern of `{{datetime(x)}}`.
    public var dateTimePattern: String
    /// The mark before a number's fraction.
    public var decimalMark: String
    /// The mark between a number's thousands.
    public var groupMark: String
    /// The form of a word that a count takes: an index into what `{{plural(count, …)}}` was given.
    public var pluralForm: @Sendable (Int) -> Int
    /// The bytes of the longest name of a month or a day.
    let longestName: Int

    /// A language.
    /// - Parameters:
    ///   - months: 12, January first; ``english`` has them for one that gives another count.
    ///   - shortMonths: as many.
    ///   - weekdays: 7, Sunday first.
    ///   - shortWeekdays: as many.
    ///   - datePattern: the pattern of `{{date(x)}}`.
    ///   - dateTimePattern: the pattern of `{{datetime(x)}}`.
    ///   - decimalMark: the mark before a number's fraction.
    ///   - groupMark: the mark between a number's thousands.
    ///   - pluralForm: the form that a count takes, from 0 on.
    public init(
        months: [String], shortMonths: [String], weekdays: [String], shortWeekdays: [String],
        datePattern: String = "d MMMM yyyy", dateTimePattern: String = "d MMMM yyyy, HH:mm",
        decimalMark: String = ".", groupMark: String = ",",
        pluralForm: @escaping @Sendable (Int) -> Int = { $0 == 1 ? 0 : 1 }
    ) {
        self.months = Self.whole(months, Self.englishMonths)
        self.shortMonths = Self.whole(shortMonths, Self.englishMonths.map { String($0.prefix(3)) })
        self.weekdays = Self.whole(weekdays, Self.englishWeekdays)
        self.shortWeekdays = Self.whole(shortWeekdays, Self.englishWeekdays.map { String($0.prefix(3)) })
        longestName = [self.months, self.shortMonths, self.weekdays, self.shortWeekdays].joined()
            .reduce(0) { max($0, $1.utf8.count) }
        self.datePattern = datePattern
        self.dateTimePattern = dateTimePattern
        self.decimalMark = decimalMark
        self.groupMark = groupMark
        self.pluralForm = pluralForm
    }

    /// English: 29 November 2026, 1,234.5.
    public static let english = ViewLanguage(months: [], shortMonths: [], weekdays: [], shortWeekdays: [])

    private static func whole(_ given: [String], _ english: [String]) -> [String] {
        given.count == english.count ? given : english
    }

    private static let englishMonths = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let englishWeekdays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
}
