import FoundationEssentials
import GatehouseDatabase
import GatehousePlan
import Testing

@testable import GatehouseWeb

/// Jobs one by one, over each kind of database. Rows K1 and K2.
struct JobTests {
    @Test(arguments: JobPlace.allCases)
    func `a job runs once, with what it was given`(_ place: JobPlace) async throws {
        try await place.test { test in
            let jobs = test.jobs()
            let seen = Notes<Int>()
            jobs.handle(Count.self) { job, context in
                #expect(context.attempt == 1 && !context.isLastAttempt && context.scheduledAt == nil)
                seen.add(job.number)
            }
            let id = try await jobs.enqueue(Count(number: 7))
            #expect(id != nil)
            #expect(try await jobs.runAll() == 1)
            #expect(try await jobs.runAll() == 0)
            #expect(seen.all == [7])
            #expect(try await test.left == 0)
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a job exists if, and only if, its transaction is committed`(_ place: JobPlace) async throws {
        try await place.test { test in
            let jobs = test.jobs()
            jobs.handle(Count.self) { _, _ in }
            await #expect(throws: Failed.self) {
                try await test.database.transaction { transaction in
                    try await jobs.enqueue(Count(number: 1), in: transaction)
                    throw Failed()
                }
            }
            #expect(try await jobs.runAll() == 0)
            try await test.database.transaction { try await jobs.enqueue(Count(number: 2), in: $0) }
            #expect(try await jobs.runAll() == 1)
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a job that fails waits, is tried again, and is dead at last with its error`(_ place: JobPlace) async throws {
        try await place.test { test in
            let jobs = test.jobs()
            let attempts = Notes<Int>()
            jobs.handle(Count.self, attempts: 3, backoff: .constant(.zero)) { _, context in
                attempts.add(context.attempt)
                throw JobError("broken\n\u{1b}[31m")
            }
            let id = try #require(try await jobs.enqueue(Count(number: 5)))
            await #expect(throws: JobError.self) { try await jobs.runAll() }
            #expect(attempts.all == [1, 2, 3])
            let dead = try await jobs.dead()
            #expect(dead.map(\.id) == [id])
            #expect(dead.first?.error == #"broken\n\x1b[31m"#)
            #expect(dead.first?.payload == #"{"number":5}"# && dead.first?.attempts == 3 && dead.first?.kind == "Count")
            #expect(abs(dead.first?.died.timeIntervalSinceNow ?? 99) < 60)

            #expect(try await jobs.retry(id))
            #expect(try await jobs.dead().isEmpty)
            await #expect(throws: JobError.self) { try await jobs.runAll() }
            #expect(attempts.all == [1, 2, 3, 1, 2, 3])
            #expect(try await jobs.delete(id))
            #expect(try await !jobs.delete(id))
            #expect(try await !jobs.retry(id))
            #expect(try await test.left == 0)
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a handler says that a job is dead, or when it comes again`(_ place: JobPlace) async throws {
        try await place.test { test in
            let jobs = test.jobs()
            jobs.handle(Count.self) { job, _ in
                throw job.number == 0
                    ? JobFailure.permanent("never") : JobFailure.again(after: .seconds(3_600), "later")
            }
            try await jobs.enqueue(Count(number: 0))
            try await jobs.enqueue(Count(number: 1))
            await #expect(throws: JobFailure.self) { try await jobs.runAll() }
            #expect(try await jobs.dead().map(\.error) == ["never"])
            let (due, now) = try await test.database.one(
                "SELECT due, \(jobs.store.now) FROM gatehouse_job WHERE state = 0", Int64.self, Int64.self)
            let wait = (due - now) / 1_000
            #expect((3_500...3_600).contains(wait))
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a delayed job waits by the database's clock`(_ place: JobPlace) async throws {
        try await place.test { test in
            let jobs = test.jobs()
            jobs.handle(Count.self) { _, _ in }
            try await jobs.enqueue(Count(number: 1), after: .seconds(3_600))
            try await jobs.enqueue(Count(number: 2), at: Date(timeIntervalSinceNow: 3_600))
            try await jobs.enqueue(Count(number: 3), at: Date(timeIntervalSinceNow: -3_600))
            #expect(try await jobs.runAll() == 1)
            // And a second more: the clocks here and there may differ by a millisecond.
            try await test.database.execute("UPDATE gatehouse_job SET due = due - 3601000")
            #expect(try await jobs.runAll() == 2)
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a key holds while its job waits`(_ place: JobPlace) async throws {
        try await place.test { test in
            let jobs = test.jobs()
            let seen = Notes<Int>()
            jobs.handle(Count.self) { job, _ async throws in
                seen.add(job.number)
                // The next one does what this one has not seen.
                if job.number == 1 { #expect(try await jobs.enqueue(Count(number: 4), unique: "a") != nil) }
            }
            #expect(try await jobs.enqueue(Count(number: 1), after: .seconds(60), unique: "a") != nil)
            #expect(try await jobs.enqueue(Count(number: 2), unique: "a") == nil)
            #expect(try await jobs.enqueue(Count(number: 3), unique: "A") != nil)
            try await test.database.transaction { transaction async throws in
                #expect(try await jobs.enqueue(Count(number: 5), unique: "a", in: transaction) == nil)
            }
            // The second one was for now.
            #expect(try await jobs.runAll() == 3)
            #expect(seen.all == [1, 3, 4] || seen.all == [3, 1, 4])
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `queues, modules and unknown kinds leave each other alone`(_ place: JobPlace) async throws {
        try await place.test { test in
            let jobs = test.jobs(), slow = test.jobs(queue: "slow"), other = test.jobs("Other")
            for each in [slow, other] { each.handle(Count.self) { _, _ in } }
            try await jobs.enqueue(Count(number: 1))
            #expect(try await slow.runAll() == 0)
            #expect(try await other.runAll() == 0)
            #expect(try await jobs.runAll() == 0, "it knows no such kind")
            let id = try #require(try await slow.enqueue(Count(number: 2)))
            #expect(try await !jobs.delete(id))
            #expect(try await slow.runAll() == 1)
            jobs.handle(Count.self) { _, _ in }
            #expect(try await jobs.runAll() == 1)
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a handler takes its job off in its own transaction`(_ place: JobPlace) async throws {
        try await place.test { test in
            let jobs = test.jobs()
            try await test.database.execute("CREATE TABLE done (number INTEGER)")
            let outcome = Notes<Bool>()
            jobs.handle(Count.self, backoff: .constant(.zero)) { job, context in
                try await test.database.transaction { transaction in
                    try await transaction.execute("INSERT INTO done VALUES (\(job.number))")
                    try await context.complete(in: transaction)
                    if context.attempt == 1 { throw Failed() }
                }
                outcome.add(true)
            }
            try await jobs.enqueue(Count(number: 1))
            await #expect(throws: Failed.self) { try await jobs.runAll() }
            #expect(try await test.count("SELECT count(*) FROM done") == 1)
            #expect(outcome.all == [true])
            #expect(try await test.left == 0)
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a worker that has lost a job cannot finish it`(_ place: JobPlace) async throws {
        try await place.test { test in
            let jobs = test.jobs()
            jobs.handle(Count.self) { _, _ in }
            try await jobs.enqueue(Count(number: 1))
            let store = jobs.store
            let old = try #require(try await store.claim(atMost: 5, kinds: ["Count"], lease: .zero).first)
            #expect(try await store.expired(kinds: ["Count"]).map(\.id) == [old.id])
            try await jobs.takeFromDead(old)
            let new = try #require(try await store.claim(atMost: 5, kinds: ["Count"], lease: .seconds(60)).first)
            #expect(new.id == old.id && new.attempts == 2)
            #expect(try await store.extend([old], lease: .seconds(60)).map(\.lease) == [old.lease])
            #expect(try await !store.remove(old, in: test.database))
            #expect(try await !store.putBack(old, after: .zero, error: ""))
            #expect(try await !store.bury(old, error: ""))
            #expect(try await !store.giveBack(old))
            await #expect(throws: Failed.self) {
                try await test.database.transaction { transaction in
                    if try await !store.remove(old, in: transaction) { throw Failed() }
                }
            }
            #expect(try await store.extend([new], lease: .seconds(60)).isEmpty)
            #expect(try await store.remove(new, in: test.database))
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a job whose workers die is dead after its attempts`(_ place: JobPlace) async throws {
        try await place.test { test in
            let jobs = test.jobs()
            jobs.handle(Count.self, attempts: 2) { _, _ in }
            try await jobs.enqueue(Count(number: 1))
            for _ in 1...2 {
                try await test.database.execute("UPDATE gatehouse_job SET due = 0")
                let job = try #require(try await jobs.store.claim(atMost: 1, kinds: ["Count"], lease: .zero).first)
                try await jobs.takeFromDead(job)
            }
            #expect(try await jobs.dead().first?.error.contains("the worker that ran it has died") == true)
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a look counts, and knows what comes next`(_ place: JobPlace) async throws {
        try await place.test { test in
            let jobs = test.jobs()
            for number in 1...3 { try await jobs.enqueue(Count(number: number), after: .seconds(100)) }
            let look = try await jobs.store.look(kinds: ["Count"], schedules: [])
            #expect(look.waiting == 3 && look.running == 0 && look.dead == 0)
            let next = try #require(look.nextJob)
            #expect(next > .seconds(60) && next <= .seconds(100))
            #expect(try await jobs.store.look(kinds: [], schedules: []).nextJob == nil)
            try await test.database.execute("UPDATE gatehouse_job SET due = 5")
            _ = try await jobs.store.claim(atMost: 1, kinds: ["Count"], lease: .seconds(50))
            let later = try await jobs.store.look(kinds: ["Count"], schedules: [])
            #expect(later.waiting == 2 && later.running == 1 && later.oldest == 5 && later.nextJob == .zero)
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a payload that somebody has written by hand fails as a job`(_ place: JobPlace) async throws {
        try await place.test { test in
            let jobs = test.jobs()
            jobs.handle(Count.self, attempts: 1) { _, _ in Issue.record("it is no job") }
            try await jobs.enqueue(Count(number: 1))
            try await test.database.execute("UPDATE gatehouse_job SET payload = \(#"{"number":"s3cret"}"#)")
            await #expect(throws: JobError.self) { try await jobs.runAll() }
            #expect(
                try await jobs.dead().map(\.error) == ["the job in the table is no Count: number is of another type"])
        }
    }
}
