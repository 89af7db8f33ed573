/// A time zone in which templates write dates.
public struct ViewTimeZone: Sendable, Equatable {
    /// The zone's name: `Europe/Berlin`, `UTC`, `+01:00`.
    public let name: String
    private let rules: TimeZoneRules

    /// Coordinated Universal Time.
    public static let utc = ViewTimeZone(name: "UTC", rules: TimeZoneRules(offset: 0))

    /// The same distance from UTC all the year.
    /// - Parameter seconds: the seconds that the zone is ahead of UTC; not more than a day.
    public init(secondsFromUTC seconds: Int) {
        let bounded = min(max(seconds, -86_400), 86_400)
        self.init(name: "UTC\(bounded < 0 ? "" : "+")\(bounded) s", rules: TimeZoneRules(offset: bounded))
    }

    init(name: String, rules: TimeZoneRules) {
        self.name = name
        self.rules = rules
    }

    /// The seconds that the zone is ahead of UTC at a moment.
    func offset(at secondsSince1970: Int) -> Int { rules.offset(at: secondsSince1970) }
}
