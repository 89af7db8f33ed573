import FoundationEssentials
import Testing

@testable import GatehouseWeb

/// Time zones of the operating system's data, and their rules for the years to come. Row H5.
struct ZoneTests {
    @Test func `differences from UTC are those of zoneinfo`() throws {
        for (zone, moment, seconds) in CronVectors.differences {
            #expect(try Zone.named(zone).offset(at: moment) == seconds, "\(zone) at \(moment)")
        }
    }

    @Test(arguments: ["", "Europe/Nowhere", "../../../etc/passwd", "/etc/passwd", "Europe/../UTC", "a b", "Europe//x"])
    func `a zone that does not exist is an error`(name: String) {
        #expect(throws: ZoneError.self) { try Zone.named(name) }
    }

    @Test func `a broken file of a zone is refused, whatever is broken`() throws {
        let file = try #require(FileManager.default.contents(atPath: "/usr/share/zoneinfo/Europe/Berlin"))
        let bytes = [UInt8](file)
        #expect(ZoneFile(bytes: bytes).zone() != nil)
        for length in 0..<(bytes.count - 1) { #expect(ZoneFile(bytes: Array(bytes[..<length])).zone() == nil) }
        for index in 0..<200 {
            var broken = bytes
            broken[index] ^= 0xFF
            // No crash, and no endless loop.
            _ = ZoneFile(bytes: broken).zone()?.offset(at: 1_700_000_000)
        }
    }

    @Test(arguments: [
        ("UTC0", 0, 0), ("<-03>3", -10_800, -10_800), ("CET-1CEST,M3.5.0,M10.5.0/3", 3_600, 7_200),
        ("EST5EDT,M3.2.0,M11.1.0", -18_000, -14_400), ("IST-1GMT0,M10.5.0,M3.5.0/1", 0, 3_600),
        ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 39_600, 37_800), ("EST5EDT,J60/0,J300/0", -18_000, -14_400),
        ("EST5EDT,59/0,300/0", -18_000, -14_400),
    ])
    func `a rule for years to come is read`(text: String, january: Int64, july: Int64) throws {
        let rule = try #require(ZoneRule(text))
        #expect(rule.offset(at: 1_800_000_000) == january)
        #expect(rule.offset(at: 1_815_000_000) == july)
    }

    @Test(arguments: [
        "", "CE", "CET", "CET-25", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,x,y", "<CET", "A",
        "CET-1CEST,", "CET-999",
        "CET-1CEST,M13.1.0,M1.1.0", "CET-1CEST,M3.5.0,M10.5.0/3x",
    ])
    func `a rule that is none is refused`(text: String) { #expect(ZoneRule(text) == nil) }

    @Test(
        arguments: [
            ("CET-1CEST,M3.5.0,M10.5.0/3", 1_774_746_000, 7_200), ("CET-1CEST,M3.5.0,M10.5.0/3", 1_792_890_000, 3_600),
            ("AEST-10AEDT,M10.1.0,M4.1.0/3", 1_800_000_000, 39_600), ("<+03>-3", 0, 10_800), ("IST-5:30", 0, 19_800),
            ("XXX0YYY,J160,J300", 1_780_963_200, 0), ("XXX0YYY,J160,J300", 1_780_970_400, 3_600),
            ("XXX0YYY,59/0,300", 1_772_323_200, 3_600),
        ] as [(String, Int64, Int64)])
    func `a rule changes clocks at its moments`(rule: String, moment: Int64, seconds: Int64) throws {
        #expect(try #require(ZoneRule(rule)).offset(at: moment) == seconds)
    }
}
