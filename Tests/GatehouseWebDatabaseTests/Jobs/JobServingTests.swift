import Gatehouse
import GatehouseDatabase
import Testing

@testable import GatehouseWeb

/// Workers of a generation that is on trial.
struct JobServingTests {
    /// A generation that is rejected has taken no job, and has not given the schedule's row its own rule, by which the
    /// generation that goes on would find it no more.
    @Test(arguments: JobPlace.allCases)
    func `a worker that does not serve yet leaves jobs and schedules alone`(_ place: JobPlace) async throws {
        try await place.test { test in
            let context = JobTestDatabase.context(.production)
            context.jobs.waitForServing()
            let database = try JobTestDatabase.open(test.url)
            let jobs = Jobs(database: database, context: context, settings: JobTestDatabase.quick)
            let sent = Notes<String>(), done = Notes<Int>()
            jobs.handle(Count.self) { job, _ in done.add(job.number) }
            jobs.every(.seconds(86_400), "daily") { _ in }
            try await jobs.enqueue(Count(number: 1))
            database.observe { sent.add($0.statement) }
            let service = Task { try await jobs.run() }
            try await Task.sleep(for: .milliseconds(200))
            #expect(sent.all == [] && done.all == [])
            context.jobs.beginServing()
            try await untilHeld("the job is done, and the schedule known") {
                let known = try await test.count("SELECT count(*) FROM gatehouse_schedule")
                return done.all == [1] && known == 1
            }
            service.cancel()
            try await service.value
            await database.source.shutDown()
        }
    }

    @Test(arguments: JobPlace.allCases)
    func `a worker that never serves ends when it is told to`(_ place: JobPlace) async throws {
        try await place.test { test in
            let context = JobTestDatabase.context(.production)
            context.jobs.waitForServing()
            let jobs = Jobs(database: test.database, context: context)
            jobs.handle(Count.self) { _, _ in }
            try await jobs.enqueue(Count(number: 1))
            let service = Task { try await jobs.run() }
            service.cancel()
            try await service.value
            #expect(try await test.left == 1)
        }
    }
}
