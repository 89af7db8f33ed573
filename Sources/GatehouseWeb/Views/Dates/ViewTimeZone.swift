/// A time zone in which templates write dates.
public struct ViewTimeZone: Sendable, Equatable {
    /// The zone's name: `Europe/Berlin`, `UTC`, `+01:00`.
    public let name: String
    private let zone: Zone

    /// Coordinated Universal Time.
    public static let utc = ViewTimeZone(name: "UTC", zone: .utc)

    /// The same distance from UTC all the year.
    /// - Parameter seconds: the seconds that the zone is ahead of UTC; not more than a day.
    public init(secondsFromUTC seconds: Int) {
        let bounded = min(max(seconds, -86_400), 86_400)
        self.init(name: "UTC\(bounded < 0 ? "" : "+")\(bounded) s", zone: Zone(firstOffset: Int64(bounded)))
    }

    /// A time zone of the tz database, by its name: `Europe/Berlin`.
    /// - Throws: ``ViewProblem`` if the machine's database (`/usr/share/zoneinfo`, Debian's package `tzdata`) does not
    ///   have it.
    public init(named name: String) throws(ViewProblem) {
        do throws(ZoneError) {
            self.init(name: name, zone: try Zone.named(name))
        } catch {
            throw ViewProblem(error.description)
        }
    }

    private init(name: String, zone: Zone) {
        self.name = name
        self.zone = zone
    }

    /// The seconds that the zone is ahead of UTC at a moment.
    func offset(at secondsSince1970: Int) -> Int { Int(zone.offset(at: Int64(secondsSince1970))) }
}
