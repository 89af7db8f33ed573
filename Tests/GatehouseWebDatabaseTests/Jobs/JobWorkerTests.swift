import FoundationEssentials
import GatehouseDatabase
import Synchronization
import Testing

@testable import GatehouseWeb

/// Workers that do jobs beside each other, over each kind of database. Row K1.
struct JobWorkerTests {
    @Test(arguments: JobPlace.allCases)
    func `many workers run each job once, and none twice at a time`(_ place: JobPlace) async throws {
        try await place.test { test in
            let running = Mutex<Set<Int>>([])
            let seen = Notes<Int>()
            let total = 200
            @Sendable func handle(_ jobs: Jobs) {
                jobs.handle(Count.self, backoff: .constant(.zero)) { job, context in
                    let isAlone = running.withLock { $0.insert(job.number).inserted }
                    #expect(isAlone, "\(job.number) runs twice")
                    await Task.yield()
                    _ = running.withLock { $0.remove(job.number) }
                    // Some fail once, and come again.
                    if job.number % 10 == 0, context.attempt == 1 { throw Failed() }
                    seen.add(job.number)
                }
            }
            let enqueuing = test.jobs()
            for number in 0..<(total / 2) { try await enqueuing.enqueue(Count(number: number)) }
            try await test.working(prepare: handle) { first in
                try await test.working(prepare: handle) { second in
                    try await test.working(prepare: handle) { third in
                        for number in (total / 2)..<total {
                            try await [first, second, third][number % 3].enqueue(Count(number: number))
                        }
                        try await untilHeld("all jobs are done") { seen.all.count >= total }
                    }
                }
            }
            #expect(seen.all.sorted() == Array(0..<total))
            #expect(try await test.left == 0)
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a worker finds its own jobs at once, however rarely it looks`(_ place: JobPlace) async throws {
        try await place.test { test in
            let seen = Notes<Int>()
            var settings = JobTestDatabase.quick
            settings.interval = .seconds(3_600)
            try await test.working(settings, prepare: { $0.handle(Count.self) { job, _ in seen.add(job.number) } }) {
                jobs in
                try await jobs.enqueue(Count(number: 1))
                try await untilHeld("it is done") { seen.all == [1] }
                try await test.database.transaction { _ in }
                try await jobs.enqueue(Count(number: 2), after: .milliseconds(30))
                try await untilHeld("the delayed one is done") { seen.all == [1, 2] }
            }
        }
    }

    @Test func `an idle worker hears of a busy one's jobs by PostgreSQL's notifications`() async throws {
        try await JobPlace.postgres.test { test in
            let seen = Notes<String>()
            let isReady = Notes<Bool>()
            var settings = JobTestDatabase.quick
            settings.interval = .seconds(3_600)
            settings.concurrency = 1
            let gate = Wake()
            try await test.working(
                settings,
                prepare: { jobs in
                    jobs.handle(Count.self) { _, _ in
                        seen.add("busy")
                        await gate.wait(atMost: .seconds(30))
                    }
                }
            ) { busy in
                try await busy.enqueue(Count(number: 1))
                try await untilHeld("it is busy") { seen.all == ["busy"] }
                try await test.working(settings, prepare: { $0.handle(Count.self) { _, _ in seen.add("idle") } }) {
                    idle in
                    try await untilHeld("the idle one listens") {
                        try await test.count(
                            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND state = 'idle' "
                                + "AND datname = current_database()") >= 2
                    }
                    isReady.add(idle.work.canTakeMore(1))
                    try await busy.enqueue(Count(number: 2))
                    try await untilHeld("the idle one has done it") { seen.all == ["busy", "idle"] }
                }
                gate.set()
            }
            #expect(try await test.left == 0)
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `the job of a worker that was not heard of is another one's`(_ place: JobPlace) async throws {
        try await place.test { test in
            // A worker that dies right after it has taken the job.
            let dying = test.jobs()
            try await dying.enqueue(Count(number: 1))
            _ = try await dying.store.claim(atMost: 1, kinds: ["Count"], lease: .milliseconds(300))
            let attempts = Notes<Int>()
            try await test.working(prepare: { $0.handle(Count.self) { _, context in attempts.add(context.attempt) } }) {
                _ in
                try await untilHeld("it is done again") { attempts.all == [2] }
            }
            #expect(try await test.left == 0)
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a job that runs longer than its lease stays its worker's`(_ place: JobPlace) async throws {
        try await place.test { test in
            let attempts = Notes<Int>()
            let gate = Wake()
            var settings = JobTestDatabase.quick
            settings.lease = .seconds(3)
            func handle(_ jobs: Jobs) {
                jobs.handle(Count.self) { _, context in
                    attempts.add(context.attempt)
                    await gate.wait(atMost: .seconds(30))
                }
            }
            try await test.working(settings, prepare: handle) { first in
                try await first.enqueue(Count(number: 1))
                try await untilHeld("it runs") { attempts.all == [1] }
                let began = try await test.database.one("SELECT due FROM gatehouse_job", Int64.self)
                try await test.working(settings, prepare: handle) { _ in
                    try await untilHeld("the lease was renewed twice") {
                        try await test.database.one("SELECT due FROM gatehouse_job", Int64.self) >= began + 2_000
                    }
                }
                gate.set()
                try await untilHeld("it is done") { try await test.left == 0 }
            }
            #expect(attempts.all == [1])
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a worker that loses its lease is cancelled and changes nothing`(_ place: JobPlace) async throws {
        try await place.test { test in
            let outcome = Notes<String>()
            var settings = JobTestDatabase.quick
            settings.lease = .milliseconds(900)
            try await test.working(
                settings,
                prepare: { jobs in
                    jobs.handle(Count.self) { _, _ in
                        outcome.add("begun")
                        do { try await Task.sleep(for: .seconds(60)) } catch {
                            outcome.add("cancelled")
                            throw error
                        }
                    }
                }
            ) { jobs in
                try await jobs.enqueue(Count(number: 1))
                try await untilHeld("it runs") { outcome.all == ["begun"] }
                // Another worker has it by now, and for long.
                try await test.database.execute("UPDATE gatehouse_job SET lease = 1, attempts = 9, due = due + 600000")
                try await untilHeld("it is cancelled") { outcome.all == ["begun", "cancelled"] }
                try await untilHeld("it is over") { jobs.work.running.isEmpty }
            }
            let row = try await test.database.one(
                "SELECT attempts, lease, state FROM gatehouse_job", Int.self, Int.self, Int.self)
            #expect(row == (9, 1, 1))
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a job that takes too long is cancelled and fails`(_ place: JobPlace) async throws {
        try await place.test { test in
            let jobs = test.jobs()
            jobs.handle(Count.self, attempts: 1, timeout: .milliseconds(50)) { _, _ in
                try await Task.sleep(for: .seconds(60))
            }
            try await jobs.enqueue(Count(number: 1))
            await #expect(throws: JobError.self) { try await jobs.runAll() }
            #expect(try await jobs.dead().first?.error.hasPrefix("it took longer than 0.05 seconds") == true)
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a worker that ends gives back what it runs, and no attempt is counted`(_ place: JobPlace) async throws {
        try await place.test { test in
            let began = Notes<Int>()
            try await test.working(prepare: { jobs in
                jobs.handle(Count.self) { _, context in
                    began.add(context.attempt)
                    try await Task.sleep(for: .seconds(60))
                }
            }) { jobs in
                try await jobs.enqueue(Count(number: 1))
                try await untilHeld("it runs") { began.all == [1] }
            }
            let row = try await test.database.one("SELECT attempts, state FROM gatehouse_job", Int.self, Int.self)
            #expect(row == (0, 0))
            try await test.working(prepare: { $0.handle(Count.self) { _, context in began.add(context.attempt) } }) {
                _ in
                try await untilHeld("it is done elsewhere") { began.all == [1, 1] }
            }
            #expect(try await test.left == 0)
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a worker that drains takes nothing new, and finishes what it runs`(_ place: JobPlace) async throws {
        try await place.test { test in
            let done = Notes<Int>()
            let gate = Wake()
            try await test.working(prepare: { jobs in
                jobs.handle(Count.self) { job, _ in
                    done.add(job.number)
                    await gate.wait(atMost: .seconds(30))
                }
            }) { jobs in
                try await jobs.enqueue(Count(number: 1))
                try await untilHeld("it runs") { done.all == [1] }
                jobs.work.beginDraining()
                try await jobs.enqueue(Count(number: 2))
                gate.set()
                try await untilHeld("it has ended") { try await test.left == 1 }
            }
            #expect(done.all == [1])
        }
    }

    @Test func `a worker without its table goes on when it is there`() async throws {
        try await JobPlace.postgres.test { test in
            try await test.database.execute("ALTER TABLE gatehouse_job RENAME TO gone")
            let done = Notes<Int>()
            try await test.working(prepare: { $0.handle(Count.self) { job, _ in done.add(job.number) } }) { jobs in
                await #expect(throws: DatabaseError.self) { try await jobs.enqueue(Count(number: 1)) }
                try await test.database.execute("ALTER TABLE gone RENAME TO gatehouse_job")
                try await jobs.enqueue(Count(number: 2))
                try await untilHeld("it is done") { done.all == [2] }
            }
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `an idle worker sends one statement an interval`(_ place: JobPlace) async throws {
        try await place.test { test in
            let sent = Notes<String>()
            try await test.working(prepare: { jobs in
                jobs.handle(Count.self) { _, _ in }
                jobs.every(.seconds(86_400), "daily") { _ in }
                jobs.store.database.observe { sent.add($0.statement) }
            }) { _ in
                try await untilHeld("it has looked often") { sent.all.count >= 20 }
            }
            let idle = sent.all.suffix(10)
            #expect(Set(idle).count == 1 && idle.first?.hasPrefix("SELECT") == true, "\(idle)")
        }
    }
}
