import FoundationEssentials
import GatehousePlan
import Testing

@testable import GatehouseWeb

/// The rules of jobs that need no database. Rows K1 and K2.
struct JobRulesTests {
    @Test func `waits grow up to the longest, give or take a quarter`() {
        let backoff = JobBackoff.exponential(first: .seconds(10), factor: 2, longest: .seconds(60))
        let waits = (1...5).map { backoff.wait(after: $0, jitter: 0.5).components.seconds }
        #expect(waits == [10, 20, 40, 60, 60])
        #expect(backoff.wait(after: 1, jitter: 0) == .milliseconds(7_500))
        #expect(backoff.wait(after: 1, jitter: 1) == .milliseconds(12_500))
        #expect(JobBackoff.constant(.seconds(3)).wait(after: 9, jitter: 0.5) == .seconds(3))
    }

    @Test func `no wait overflows`() {
        let huge = JobBackoff.exponential(first: .seconds(Int64.max), factor: .infinity, longest: .seconds(Int64.max))
        #expect(huge.wait(after: Int.max) <= .seconds(86_400 * 366 * 2))
        #expect(JobBackoff.exponential(first: .seconds(-5), factor: -1).wait(after: 3) == .zero)
        #expect(Duration.seconds(Int64.min).asMilliseconds < 0)
        #expect(JobStore.Due.at(Date(timeIntervalSince1970: .infinity)).isNow == false)
        #expect(Date(timeIntervalSince1970: .nan).millisecondsSince1970 == 0)
        #expect(Date(timeIntervalSince1970: 1e300).millisecondsSince1970 == 1 << 50)
    }

    private struct Large: Job { var text: String }
    private struct Number: Job { var value: Double }

    @Test func `a job that is too long, or no JSON, is not enqueued`() throws {
        let most = JobPayload.longest - #"{"text":""}"#.utf8.count
        #expect(try JobPayload.encode(Large(text: String(repeating: "a", count: most))).utf8.count == 65_536)
        let error = #expect(throws: JobError.self) {
            try JobPayload.encode(Large(text: String(repeating: "a", count: most + 1)))
        }
        #expect(error?.description.contains("has 65537 bytes as JSON") == true)
        #expect(throws: JobError.self) { try JobPayload.encode(Number(value: .nan)) }
    }

    @Test func `a payload that is none is an error without its value`() {
        let payloads = [
            "", "{", "null", "[]", "{\"text\":5}", "{\"text\":null}", "{}", String(repeating: "[", count: 60_000),
            String(repeating: "a", count: 70_000),
        ]
        for payload in payloads {
            let error = #expect(throws: JobError.self) { try JobPayload.decode(Large.self, payload) }
            #expect(error?.description.hasPrefix("the job in the table is") == true)
            #expect((error?.description.utf8.count ?? 0) < 200)
        }
    }

    @Test func `ids of later milliseconds are larger, and no two are the same`() {
        let moment = Date(timeIntervalSince1970: 1_700_000_000)
        let ids = (0..<1_000).map { UUID.ordered(now: moment.addingTimeInterval(Double($0) / 1_000)).uuidString }
        #expect(ids == ids.sorted())
        #expect(Set((0..<1_000).map { _ in UUID.ordered(now: moment) }).count == 1_000)
        #expect(ids[0].dropFirst(14).first == "7")
    }

    @Test func `an interval's moments are its multiples, wherever one starts`() {
        let schedule = JobSchedule(name: "a", rule: .every(300_000), spec: "")
        #expect(schedule.next(after: 0) == 300_000)
        #expect(schedule.next(after: 299_999) == 300_000)
        #expect(schedule.next(after: 300_000) == 600_000)
        #expect(JobSchedule(name: "a", rule: .every(1 << 50), spec: "").next(after: .max - 1) == nil)
    }

    @Test func `reports of several workers have the last look and the sum of what was done`() {
        var first = JobUse(module: "m", queue: "q"), second = first
        (first.pending, first.moment, first.done, first.active) = (5, 1_000, 7, 1)
        (second.pending, second.moment, second.done, second.active) = (2, 2_000, 8, 2)
        for uses in [[first, second], [second, first]] {
            let totals = JobUse.totals(uses)
            #expect(totals.count == 1)
            #expect(totals[0].pending == 2 && totals[0].done == 15 && totals[0].active == 3)
        }
        var hostile = JobUse(module: String(repeating: "\u{1b}", count: 10_000), queue: "\n")
        (hostile.pending, hostile.oldest, hostile.done) = (.min, .max, .max)
        let bounded = hostile.bounded
        #expect(bounded.bounded == bounded)
        #expect(bounded.pending == 0 && bounded.oldest < 1 << 51 && bounded.module.unicodeScalars.count <= 101)
    }
}
