import FoundationEssentials

extension ViewTimeZone {
    private static let folder = "/usr/share/zoneinfo"
    /// No zone's file is as large.
    private static let mostBytes = 1 << 18

    /// A time zone of the tz database, by its name: `Europe/Berlin`.
    /// - Throws: ``ViewProblem`` if the machine's database (`/usr/share/zoneinfo`, Debian's package `tzdata`) does not
    ///   have it.
    public init(named name: String) throws(ViewProblem) {
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2F, 0x5F: true
            default: false
            }
        }
        guard isName, !name.isEmpty, !name.hasPrefix("/"),
            let file = FileManager.default.contents(atPath: "\(Self.folder)/\(name)"), file.count <= Self.mostBytes,
            let rules = TimeZoneRules(Array(file))
        else {
            throw ViewProblem(
                "there is no time zone “\(name)” in \(Self.folder): see `timedatectl list-timezones`, or install tzdata"
            )
        }
        self.init(name: name, rules: rules)
    }
}
