import FoundationEssentials
import GatehouseDatabase
import GatehousePlan
import GatehouseSystem
import Logging

/// One attempt, from its handler to the table.
extension Jobs {
    /// Runs a job that was claimed.
    /// - Returns: the handler's error, if it has failed.
    @discardableResult
    func perform(_ run: JobRun) async -> (any Error)? {
        guard let handler = work.handler(run.claimed.kind) else {
            // Only kinds with a handler are claimed.
            _ = await write(run) { job async throws in try await self.store.giveBack(job) }
            work.end(run, isDone: false, hasFailed: false)
            return nil
        }
        let failure = await attempt(run, handler)
        let isDone = await end(run, handler, failure)
        let isFailure = failure != nil && run.cancellation != .worker && run.cancellation != .lease
        work.end(run, isDone: isDone, hasFailed: isFailure)
        return isFailure ? failure : nil
    }

    private func attempt(_ run: JobRun, _ handler: JobHandler) async -> (any Error)? {
        let job = run.claimed
        var logger = self.logger
        logger[metadataKey: "job"] = "\(job.kind) \(job.id)"
        let context = JobContext(
            id: job.id, attempt: job.attempts, isLastAttempt: job.attempts >= handler.attempts,
            scheduledAt: JobSchedule.moment(of: job), logger: logger, run: run, store: store)
        let task = Task { try await handler.body(job.payload, context) }
        run.start(task)
        let timer = Task {
            try await Task.sleep(for: handler.timeout)
            run.cancel(.timeout)
        }
        let result = await task.result
        timer.cancel()
        guard case .failure(let error) = result else { return nil }
        if run.cancellation == .timeout {
            return JobError("it took longer than \(handler.timeout), and was cancelled: \(error)")
        }
        return error
    }

    /// Writes an attempt's outcome down.
    /// - Returns: whether the job is done.
    private func end(_ run: JobRun, _ handler: JobHandler, _ failure: (any Error)?) async -> Bool {
        if run.isCompleted {
            if let failure {
                logger.warning(
                    """
                    the job \(run.claimed.kind) \(run.claimed.id) is done, and its handler has failed after that: \
                    \(Self.text(failure))
                    """)
            }
            return true
        }
        guard let failure else {
            return await write(run) { job async throws in try await self.store.remove(job, in: self.store.database) }
        }
        switch run.cancellation {
        case .lease: sayLost(run)
        case .worker:
            _ = await write(run) { job async throws in try await self.store.giveBack(job) }
        case .timeout, nil:
            let reason = Self.text(failure)
            await fail(run, handler, reason, (failure as? JobFailure)?.consequence)
        }
        return false
    }

    private func fail(
        _ run: JobRun, _ handler: JobHandler, _ reason: String, _ consequence: JobFailure.Consequence?
    ) async {
        let job = run.claimed
        let attempts = "attempt \(job.attempts) of \(handler.attempts)"
        guard consequence != .dies, job.attempts < handler.attempts else {
            logger.error("the job \(job.kind) \(job.id) is dead, \(attempts): \(reason)")
            _ = await write(run) { job async throws in try await self.store.bury(job, error: reason) }
            return
        }
        var wait = handler.backoff.wait(after: job.attempts)
        if case .runsAgain(let after) = consequence { wait = max(.zero, after) }
        let again = wait
        logger.warning(
            """
            the job \(job.kind) \(job.id) has failed, \(attempts), and is tried again in \
            \(again.asMilliseconds / 1_000) s: \(reason)
            """)
        if await write(run, { job async throws in try await self.store.putBack(job, after: again, error: reason) }) {
            work.noteDue(in: again)
        }
    }

    /// Writes, and tries again for as long as the lease may last: the job's work is done, and would be done again.
    private func write(
        _ run: JobRun, _ body: (JobStore.Claimed) async throws -> Bool
    ) async -> Bool {
        let end = MonotonicClock.nanoseconds() + settings.lease.boundedNanoseconds
        var pause = 50
        while true {
            do {
                if try await body(run.claimed) { return true }
                sayLost(run)
                return false
            } catch {
                guard MonotonicClock.nanoseconds() < end, !Task.isCancelled else {
                    logger.error(
                        """
                        the outcome of the job \(run.claimed.kind) \(run.claimed.id) cannot be written down, and it is \
                        run again: \(error)
                        """)
                    return false
                }
                try? await Task.sleep(for: .milliseconds(pause))
                pause = min(2 * pause, 5_000)
            }
        }
    }

    private func sayLost(_ run: JobRun) {
        logger.warning("the job \(run.claimed.kind) \(run.claimed.id): \(JobError.lost)")
    }

    /// A job whose worker was not heard of: it waits again, or is dead.
    func takeFromDead(_ job: JobStore.Claimed) async throws {
        guard let handler = work.handler(job.kind) else { return }
        let reason = "the worker that ran it has died, or was held up for longer than the job's lease"
        let attempts = "attempt \(job.attempts) of \(handler.attempts)"
        if job.attempts >= handler.attempts {
            guard try await store.bury(job, error: reason) else { return }
            logger.error("the job \(job.kind) \(job.id) is dead, \(attempts): \(reason)")
        } else {
            // At once the first time: it is seldom the job's fault.
            let wait = job.attempts <= 1 ? .zero : handler.backoff.wait(after: job.attempts - 1)
            guard try await store.putBack(job, after: wait, error: reason) else { return }
            logger.warning("the job \(job.kind) \(job.id) is run again, \(attempts): \(reason)")
            wait == .zero ? work.noteDueNow() : work.noteDue(in: wait)
        }
    }

    /// An error as one line of at most 2,000 characters.
    static func text(_ error: any Error) -> String {
        "\(error)".printable(atMost: 2_000)
    }
}
