import FoundationEssentials
import Testing

@testable import GatehouseWeb

/// Time zones of the tz database, and their rules for the years to come.
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

    @Test(arguments: [
        ("CET-1CEST,M3.5.0,M10.5.0/3", 1_774_746_000, 7_200), ("CET-1CEST,M3.5.0,M10.5.0/3", 1_792_890_000, 3_600),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", 1_800_000_000, 39_600), ("<+03>-3", 0, 10_800), ("IST-5:30", 0, 19_800),
        ("XXX0YYY,J160,J300", 1_780_963_200, 0), ("XXX0YYY,J160,J300", 1_780_970_400, 3_600),
        ("XXX0YYY,59/0,300", 1_772_323_200, 3_600),
    ])
    func `rules say it for the years to come`(rule: String, moment: Int, seconds: Int) throws {
        #expect(try #require(TimeZoneRule(rule)).offset(at: moment) == seconds)
    }

    @Test(arguments: [
        "", "A", "CET", "CET-1CEST,", "CET-1CEST,M13.1.0,M1.1.0", "CET-999", "CET-1CEST,M3.5.0,M10.5.0/3x",
    ])
    func `other texts are no rules`(rule: String) {
        #expect(TimeZoneRule(rule) == nil)
    }

    /// Row H5: no file and no date traps.
    @Test func `a file that is cut or changed is refused or read, and ends nothing`() throws {
        let file = Array(try #require(FileManager.default.contents(atPath: "/usr/share/zoneinfo/Europe/Berlin")))
        for count in 0..<file.count { _ = TimeZoneRules(Array(file[..<count]))?.offset(at: 1_800_000_000) }
        for index in 0..<min(file.count, 200) {
            for byte: UInt8 in [0, 0x7F, 0xFF] {
                var changed = file
                changed[index] = byte
                _ = TimeZoneRules(changed)?.offset(at: 1_800_000_000)
            }
        }
    }

    /// Row H5: no file and no date traps.
    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300, -62_135_596_800, 253_402_300_799])
    func `every date is written`(seconds: Double) throws {
        let date = ViewDate(Date(timeIntervalSince1970: seconds), in: ViewTimeZone(secondsFromUTC: .max))
        #expect(try date.text("EEEE d MMMM yyyy yy HH:mm", .english).isEmpty == false)
        #expect((1...12).contains(date.month) && (1...31).contains(date.day) && (0...6).contains(date.weekday))
    }
}
