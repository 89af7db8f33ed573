import FoundationEssentials
import Testing

@testable import GatehouseWeb

/// Moments of cron expressions. Row K3.
struct CronTests {
    @Test func `moments are those of croniter`() throws {
        for (text, after, expected) in CronVectors.moments {
            let expression = try CronExpression(text)
            var moment = after
            let found = (0..<expected.count).map { _ in
                moment = expression.next(after: moment, in: .utc) ?? 0
                return moment
            }
            #expect(found == expected, "\(text) after \(after)")
        }
    }

    @Test func `a range of one value is that value`() throws {
        #expect(
            try moments("0 0-0 5-5 * *", "UTC", after: "2026-01-06T00:00:00Z", count: 2) == [
                "2026-02-05T00:00:00Z", "2026-03-05T00:00:00Z",
            ])
    }

    private func moments(_ expression: String, _ zone: String, after: String, count: Int) throws -> [String] {
        let expression = try CronExpression(expression)
        let zone = try Zone.named(zone)
        var moment = Int64(try Date(after, strategy: .iso8601).timeIntervalSince1970)
        return (0..<count).map { _ in
            moment = expression.next(after: moment, in: zone) ?? 0
            return Date(timeIntervalSince1970: Double(moment)).formatted(.iso8601)
        }
    }

    @Test func `a time that is left out is the moment at which clocks are put forward`() throws {
        // Berlin, 2026-03-29: 02:00 becomes 03:00, at 01:00 UTC.
        #expect(
            try moments("30 2 * * *", "Europe/Berlin", after: "2026-03-28T00:00:00Z", count: 3) == [
                "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z",
            ])
        // Several such times are one.
        #expect(
            try moments("0,30 2 29 3 *", "Europe/Berlin", after: "2026-03-28T12:00:00Z", count: 2) == [
                "2026-03-29T01:00:00Z", "2027-03-29T00:00:00Z",
            ])
    }

    @Test func `a time that comes twice is the first one`() throws {
        // Berlin, 2026-10-25: 03:00 becomes 02:00, at 01:00 UTC.
        #expect(
            try moments("30 2 * * *", "Europe/Berlin", after: "2026-10-24T12:00:00Z", count: 2) == [
                "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z",
            ])
        #expect(
            try moments("30 2 * * *", "Europe/Berlin", after: "2026-10-25T00:40:00Z", count: 1) == [
                "2026-10-26T01:30:00Z"
            ])
    }

    @Test func `every hour means the hours that pass`() throws {
        #expect(
            try moments("30 * * * *", "Europe/Berlin", after: "2026-10-24T23:40:00Z", count: 3) == [
                "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z",
            ])
        #expect(
            try moments("30 * * * *", "Europe/Berlin", after: "2026-03-29T00:00:00Z", count: 3) == [
                "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z",
            ])
    }

    @Test func `a day that a zone has left out has no moments of its hours`() throws {
        // Samoa had no 30 December 2011.
        #expect(
            try moments("0 * 30 12 *", "Pacific/Apia", after: "2011-12-01T00:00:00Z", count: 1) == [
                "2012-12-29T10:00:00Z"
            ])
    }

    @Test(arguments: [
        ("", "has 0 fields"), ("* * * *", "has 4 fields"), ("* * * * * *", "has 6 fields"),
        ("60 * * * *", "the minute of \"60 * * * *\": \"60\" is not from 0 to 59"),
        ("0 24 * * *", "the hour of"), ("0 0 0 * *", "the day of the month of"), ("0 0 * 13 *", "the month of"),
        ("0 0 * foo *", "\"foo\" is not from 1 to 12 or jan to dec"), ("0 0 * * 8", "the day of the week of"),
        ("*/0 * * * *", "the step \"0\" is not a whole number from 1"), ("*/x * * * *", "the step \"x\""),
        ("*/ * * * *", "the step \"\""), ("5-1 * * * *", "ends before it begins"), (", * * * *", "\"\" is not from"),
        ("1,,2 * * * *", "\"\" is not from"), ("-1 * * * *", "\"\" is not from"), ("1-2-3 * * * *", "\"2-3\" is not"),
        ("٣ * * * *", "is not from 0 to 59"), ("+1 * * * *", "is not from"), ("? * * * *", "is not from"),
        ("0 0 30 2 *", "no day is ever as"), ("0 0 31 4,6 *", "no day is ever as"), ("@often", "is none of @annually"),
        ("99999999999999999999 * * * *", "is not from"), ("*/99999999999999999999 * * * *", "the step"),
    ])
    func `a wrong expression is an error that names the field`(text: String, message: String) {
        let error = #expect(throws: CronError.self) { try CronExpression(text) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test func `a long expression is an error`() {
        let text = String(repeating: "1,", count: 200) + "1 * * * *"
        let error = #expect(throws: CronError.self) { try CronExpression(text) }
        #expect(error?.description == "a cron expression has at most 200 characters")
    }
}
