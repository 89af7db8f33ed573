import FoundationEssentials
import GatehouseDatabase
import Testing

@testable import GatehouseWeb

/// Schedules, over each kind of database.
struct JobScheduleTests {
    /// Moves every schedule's next moment into the past.
    private func makeDue(_ test: JobTestDatabase, by milliseconds: Int64 = 1) async throws {
        let now = try await test.jobs().store.look(kinds: [], schedules: []).now
        try await test.database.execute("UPDATE gatehouse_schedule SET due = \(now - milliseconds)")
    }

    @Test(arguments: JobPlace.allCases)
    func `a moment makes one job, whoever sees it first`(_ place: JobPlace) async throws {
        try await place.test { test in
            let runs = Notes<Date?>()
            let workers = (0..<8).map { _ in test.jobs() }
            for jobs in workers {
                try jobs.cron("0 3 * * *", "nightly", in: "Europe/Berlin") { runs.add($0.scheduledAt) }
            }
            let schedule = try #require(workers[0].work.schedules.first)
            let now = try await workers[0].store.look(kinds: [], schedules: []).now
            for jobs in workers { try await jobs.store.know(schedule, now: now) }
            #expect(try await test.count("SELECT count(*) FROM gatehouse_schedule") == 1)
            let due = try await test.database.one("SELECT due FROM gatehouse_schedule", Int64.self)
            #expect(due > now && due <= now + 86_400_000 + 3_600_000)

            // Three days late: one run.
            try await makeDue(test, by: 3 * 86_400_000)
            try await withThrowingTaskGroup { group in
                for jobs in workers { group.addTask { try await jobs.store.fire(schedule) } }
                try await group.waitForAll()
            }
            #expect(try await test.left == 1)
            #expect(try await test.database.one("SELECT due FROM gatehouse_schedule", Int64.self) == due)
            #expect(try await workers[3].runAll() == 1)
            let moment = try #require(runs.all.first ?? nil)
            #expect(abs(moment.timeIntervalSinceNow + 3 * 86_400) < 60)
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `no run overlaps the last one`(_ place: JobPlace) async throws {
        try await place.test { test in
            let jobs = test.jobs()
            jobs.every(.seconds(300), "clean-up") { _ in throw JobFailure.permanent("broken") }
            let schedule = try #require(jobs.work.schedules.first)
            try await jobs.store.know(schedule, now: 0)
            for expected in [1, 1] {
                try await makeDue(test)
                try await jobs.store.fire(schedule)
                #expect(try await test.left == expected)
            }
            // A dead one is no obstacle.
            await #expect(throws: JobFailure.self) { try await jobs.runAll() }
            try await makeDue(test)
            try await jobs.store.fire(schedule)
            #expect(try await test.left == 2)
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a changed rule has a new moment, and the old generation's does not count`(_ place: JobPlace) async throws {
        try await place.test { test in
            let old = test.jobs(), new = test.jobs()
            old.every(.seconds(3_600), "clean-up") { _ in }
            new.every(.seconds(60), "clean-up") { _ in }
            let before = try #require(old.work.schedules.first), after = try #require(new.work.schedules.first)
            try await old.store.know(before, now: 0)
            #expect(try await test.database.one("SELECT due FROM gatehouse_schedule", Int64.self) == 3_600_000)
            try await old.store.know(before, now: 9_000_000)
            #expect(try await test.database.one("SELECT due FROM gatehouse_schedule", Int64.self) == 3_600_000)
            try await new.store.know(after, now: 0)
            #expect(try await test.database.one("SELECT due FROM gatehouse_schedule", Int64.self) == 60_000)
            try await old.store.fire(before)
            #expect(try await test.left == 0)
            try await new.store.fire(after)
            #expect(try await test.left == 1)
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `workers run what is due, once for all`(_ place: JobPlace) async throws {
        try await place.test { test in
            let runs = Notes<Int>()
            func prepare(_ jobs: Jobs) throws {
                jobs.every(.seconds(86_400), "daily") { _ in runs.add(1) }
                try jobs.cron("@monthly", "monthly") { _ in runs.add(10) }
            }
            try await test.working(prepare: prepare) { _ in
                try await test.working(prepare: prepare) { _ in
                    try await untilHeld("both are known") {
                        try await test.count("SELECT count(*) FROM gatehouse_schedule") == 2
                    }
                    try await makeDue(test)
                    try await untilHeld("both have run") { runs.all.count >= 2 }
                    try await untilHeld("nothing is left") { try await test.left == 0 }
                }
            }
            #expect(runs.all.sorted() == [1, 10])
        }
    }

    @Test func `a schedule that cannot be is refused`() async throws {
        try await JobPlace.sqlite.test { test in
            let jobs = test.jobs()
            #expect(throws: CronError.self) { try jobs.cron("0 3 * *", "a") { _ in } }
            #expect(throws: CronError.self) { try jobs.cron("@daily", "a", in: "Europe/Nowhere") { _ in } }
            jobs.every(.milliseconds(5), "a") { _ in }
            jobs.every(.seconds(5), "") { _ in }
            jobs.every(.seconds(5), String(repeating: "a", count: 100)) { _ in }
            #expect(jobs.work.schedules.isEmpty)
            jobs.every(.seconds(5), "a") { _ in }
            jobs.every(.seconds(5), "a") { _ in }
            #expect(jobs.work.schedules.count == 1)
        }
    }
}
