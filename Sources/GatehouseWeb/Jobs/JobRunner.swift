import GatehouseDatabase
import GatehouseSystem
import Logging

/// A worker's loop: looks, takes, runs, and says that it is there. One for the life of the service.
final class JobRunner {
    private let jobs: Jobs
    private let work: JobWork
    private let settings: JobSettings
    private var nextLook: Int64 = 0
    private var nextForgetting: Int64 = 0
    private var areSchedulesKnown = false
    /// The number of turns that have failed one after the other.
    private var failures = 0

    init(_ jobs: Jobs) {
        self.jobs = jobs
        work = jobs.work
        settings = jobs.settings
    }

    /// Runs until the worker ends.
    func run() async {
        while !work.isServing, work.deadline == nil { await work.wake.wait(atMost: settings.interval) }
        work.start()
        let jobs = self.jobs
        let heartbeat = Task.detached { await jobs.beat() }
        let ear = Task.detached { await jobs.listen() }
        while work.deadline == nil {
            await work.wake.wait(atMost: await turn())
        }
        ear.cancel()
        await finish()
        heartbeat.cancel()
    }

    /// Does what is to be done now.
    /// - Returns: the longest time until the next turn.
    private func turn() async -> Duration {
        guard !work.isDraining else { return settings.interval }
        do {
            if MonotonicClock.nanoseconds() >= nextLook { try await look() }
            try await take()
            if failures > 0 { jobs.logger.info("jobs are done again") }
            failures = 0
            let now = MonotonicClock.nanoseconds()
            let untilLook = Duration.nanoseconds(max(0, nextLook - now))
            // Without a place left it waits for the end of a job.
            let isFull = work.running.count >= settings.concurrency
            return isFull ? max(untilLook, .milliseconds(1)) : work.untilDue(atMost: max(untilLook, .milliseconds(1)))
        } catch {
            failures += 1
            if failures == 1 { jobs.logger.warning("no jobs are done at the moment: \(error)") }
            let pause = min(30_000, 500 << min(failures, 7))
            return .milliseconds(Int.random(in: pause / 2...pause))
        }
    }

    private func look() async throws {
        let store = jobs.store
        let kinds = work.kinds, schedules = work.schedules
        var look = try await store.look(kinds: kinds, schedules: schedules.map(\.name))
        if !areSchedulesKnown {
            for schedule in schedules { try await store.know(schedule, now: look.now) }
            areSchedulesKnown = true
            if !schedules.isEmpty {
                look = try await store.look(kinds: kinds, schedules: schedules.map(\.name))
            }
        }
        nextLook = MonotonicClock.nanoseconds() + settings.interval.boundedNanoseconds
        if let due = look.nextScheduled, due <= look.now {
            for schedule in schedules { try await store.fire(schedule) }
            work.noteDueNow()
        }
        lookAgain(for: schedules, look)
        if let expiry = look.nextExpiry, expiry <= look.now {
            for job in try await store.expired(kinds: kinds) { try await jobs.takeFromDead(job) }
        }
        if let next = look.nextJob { next == .zero ? work.noteDueNow() : work.noteDue(in: next) }
        work.note(look)
        if MonotonicClock.nanoseconds() >= nextForgetting {
            nextForgetting = MonotonicClock.nanoseconds() + 3_600_000_000_000
            try await store.forgetDead(after: settings.keepsDead)
        }
    }

    /// Looks early enough for the next moment of a schedule. Of one whose row has another rule, because a newer
    /// generation has it, the moment stays in the past: so it is not the row's that counts then.
    private func lookAgain(for schedules: [JobSchedule], _ look: JobStore.Look) {
        guard let due = look.nextScheduled else { return }
        let next = due > look.now ? due : schedules.compactMap { $0.next(after: look.now) }.min()
        guard let next else { return }
        let delay = Duration.milliseconds(max(20, min(next - look.now, 1 << 40)))
        nextLook = min(nextLook, MonotonicClock.nanoseconds() + delay.boundedNanoseconds)
    }

    private func take() async throws {
        let free = settings.concurrency - work.running.count
        guard free > 0, !work.isDraining, work.takeDue() else { return }
        let claimed: [JobStore.Claimed]
        do {
            claimed = try await jobs.store.claim(atMost: free, kinds: work.kinds, lease: settings.lease)
        } catch {
            work.keepDue()
            throw error
        }
        if claimed.count == free { work.keepDue() }
        for job in claimed {
            let run = JobRun(job)
            work.begin(run)
            let jobs = self.jobs
            Task.detached { await jobs.perform(run) }
        }
    }

    // MARK: The end

    /// Waits for what runs, cancels it at the deadline, and waits a moment more.
    private func finish() async {
        func isOver(_ moment: Int64) -> Bool { MonotonicClock.nanoseconds() >= moment }
        while !work.running.isEmpty, let deadline = work.deadline, !isOver(deadline) {
            let left = max(0, deadline - MonotonicClock.nanoseconds())
            await work.wake.wait(atMost: .nanoseconds(left) + .milliseconds(1))
        }
        for run in work.running { run.cancel(.worker) }
        let last = MonotonicClock.nanoseconds() + 3_000_000_000
        while !work.running.isEmpty, !isOver(last) { await work.wake.wait(atMost: .milliseconds(100)) }
        for run in work.running {
            jobs.logger.warning(
                """
                the job \(run.claimed.kind) \(run.claimed.id) ignores its cancellation: another worker runs it again \
                when its lease has ended
                """)
        }
    }
}
