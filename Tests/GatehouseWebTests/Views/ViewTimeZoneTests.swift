import FoundationEssentials
import Testing

@testable import GatehouseWeb

/// Time zones of templates, and dates in them.
struct ViewTimeZoneTests {
    @Test(arguments: [
        // Checked against `TZ=… date -d @…`.
        ("Europe/Berlin", 1_774_745_999, 3_600), ("Europe/Berlin", 1_774_746_000, 7_200),
        ("Europe/Berlin", 1_792_889_999, 7_200), ("Europe/Berlin", 1_792_890_000, 3_600),
        ("America/New_York", 1_772_953_199, -18_000), ("America/New_York", 1_772_953_200, -14_400),
        ("Asia/Kolkata", 1_772_953_200, 19_800), ("Australia/Sydney", 1_800_000_000, 39_600),
        ("Europe/Berlin", 4_005_000_000, 3_600), ("Europe/Berlin", 3_992_000_000, 7_200),
        ("Europe/Berlin", -1_000_000_000, 3_600), ("UTC", 0, 0),
    ])
    func `zones are ahead of UTC as the database says`(name: String, moment: Int, seconds: Int) throws {
        #expect(try ViewTimeZone(named: name).offset(at: moment) == seconds)
    }

    @Test(arguments: ["", "/etc/passwd", "../../../etc/passwd", "Europe/Nowhere", "Europe", "Europe/Berlin\0"])
    func `other names are refused`(name: String) {
        #expect(throws: ViewProblem.self) { try ViewTimeZone(named: name) }
    }

    /// Row H5: no date traps.
    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300, -62_135_596_800, 253_402_300_799])
    func `every date is written`(seconds: Double) throws {
        let date = ViewDate(Date(timeIntervalSince1970: seconds), in: ViewTimeZone(secondsFromUTC: .max))
        #expect(try date.text("EEEE d MMMM yyyy yy HH:mm", .english).isEmpty == false)
        #expect((1...12).contains(date.month) && (1...31).contains(date.day) && (0...6).contains(date.weekday))
    }
}
