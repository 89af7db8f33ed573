import FoundationEssentials
import GatehouseDatabase
import Testing

/// Moments are what the server said or errors (row F1).
struct DateTests {
    private func moment(_ text: String, _ dialect: Dialect = .postgreSQL) throws -> Double {
        try TestValue.text(text).read(Date.self, dialect).timeIntervalSince1970
    }

    @Test func `a time stamp without a zone is UTC, behaviour 21`() throws {
        #expect(try moment("1970-01-01 00:00:00") == 0)
        #expect(try moment("1970-01-01 00:00:00+00") == 0)
        #expect(try moment("2026-11-28 12:34:56.789") == 1_795_869_296.789)
        #expect(try moment("2026-11-28", .mySQL) == 1_795_824_000)
        #expect(try moment("2026-11-28T12:34", .sqlite) == 1_795_869_240)
    }

    @Test func `zones and eras are read`() throws {
        #expect(try moment("1970-01-01 05:30:00+05:30") == 0)
        #expect(try moment("1969-12-31 16:00:00-08") == 0)
        #expect(try moment("1970-01-01 00:19:32+00:19:32") == 0)
        #expect(try moment("1970-01-01T00:00:00Z", .sqlite) == 0)
        #expect(try moment("0001-01-01 00:00:00") - moment("0001-12-31 00:00:00 BC") == 86_400)
        #expect(try moment("10000-01-01 00:00:00+00") == 253_402_300_800)
        #expect(try moment("4714-11-24 00:00:00+00 BC") == -210_866_803_200)
    }

    @Test(arguments: [
        "", "2026", "2026-13-01", "2026-02-29", "2026-04-31 00:00:00", "2026-01-01 24:00:00", "2026-01-01 00:60:00",
        "2026-01-01 00:00:60", "2026-01-01 00:00:00.", "2026-1-1", "2026-01-01 ", "2026-01-01 00:00:00+", "12:34:56",
        "2026-01-01 00:00:00 AD", "-2026-01-01", "2026-01-01BC", "today", "2026-01-01 00:00:00+00x", "838:59:59",
    ])
    func `no time stamp`(text: String) {
        #expect(TestValue.text(text).refusal(Date.self) == "is no date or time stamp")
    }

    @Test func `infinite, zero and far moments are errors`() {
        #expect(TestValue("infinity").refusal(Date.self) == "is infinite, which a Date cannot be")
        #expect(TestValue("-infinity").refusal(Date.self) == "is infinite, which a Date cannot be")
        #expect(TestValue("0000-00-00 00:00:00").refusal(Date.self, .mySQL) == "is a zero date, which is no moment")
        #expect(TestValue("2026-00-10").refusal(Date.self, .mySQL) == "is a zero date, which is no moment")
        #expect(TestValue("294276-12-31 23:59:59").refusal(Date.self) == "is a moment out of range")
        #expect(TestValue.integer(0).refusal(Date.self, .sqlite) == "is a number, and no date or time stamp")
        #expect(TestValue.null.refusal(Date.self) == "is NULL")
    }

    @Test func `moments are written in the dialect's form`() {
        func text(_ date: Date, _ dialect: Dialect) -> String {
            var text: [UInt8] = []
            date.sqlValue.appendText(for: dialect, to: &text)
            return String(decoding: text, as: UTF8.self)
        }
        let date = Date(timeIntervalSince1970: 1_795_869_296.789012)
        #expect(text(date, .postgreSQL) == "2026-11-28 12:34:56.789012+00")
        #expect(text(date, .mySQL) == "2026-11-28 12:34:56.789012")
        #expect(text(date, .sqlite) == "2026-11-28 12:34:56.789")
        #expect(text(Date(timeIntervalSince1970: -0.000001), .mySQL) == "1969-12-31 23:59:59.999999")
        #expect(text(Date(timeIntervalSince1970: -62_167_219_200), .postgreSQL) == "0001-01-01 00:00:00.000000+00 BC")
        #expect(text(Date(timeIntervalSince1970: 253_402_300_800), .postgreSQL) == "10000-01-01 00:00:00.000000+00")
    }

    @Test func `a moment that a dialect does not have is refused before it is sent`() {
        let late = Date(timeIntervalSince1970: 253_402_300_800)
        let sql: SQL = "SELECT \(late)"
        #expect(throws: Never.self) { try sql.flatValues(for: .postgreSQL) }
        for dialect in [Dialect.mySQL, .sqlite] {
            #expect { try sql.flatValues(for: dialect) } throws: { ($0 as? DatabaseError)?.kind == .data }
        }
        for seconds in [Double.nan, .infinity, -.infinity, 1e300] {
            let sql: SQL = "SELECT \(Date(timeIntervalSince1970: seconds))"
            #expect { try sql.flatValues(for: .postgreSQL) } throws: { ($0 as? DatabaseError)?.kind == .data }
        }
    }
}
