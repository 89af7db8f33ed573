import GatehouseSystem
@_spi(ExperimentalScheduling) import _Concurrency

/// `Task.sleep` of a handler that runs on a loop.
///
/// Left to itself, the Swift runtime hands every sleep to libdispatch, whose timer wakes a thread of its own, which
/// wakes a thread of the global pool, which wakes the loop: more CPU than the whole rest of a request. A task executor
/// that is a `SchedulingExecutor` (Swift 6.3, still experimental) is asked first.
extension LoopExecutor: SchedulingExecutor {
    package func enqueue<C: Clock>(
        _ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C
    ) {
        // Every clock of the standard library counts in `Duration`; another clock's time cannot be converted.
        guard let delay = delay as? Duration else { return enqueueElsewhere(job, after: delay, tolerance, clock) }
        sleep(UnownedJob(job), nanoseconds: delay.nanoseconds)
    }

    package func enqueue<C: Clock>(
        _ job: consuming ExecutorJob, at instant: C.Instant, tolerance: C.Duration?, clock: C
    ) {
        enqueue(job, after: clock.now.duration(to: instant), tolerance: tolerance, clock: clock)
    }

    /// Runs a job whose time has come.
    ///
    /// The job is not the sleeping task but a small one of the runtime, which resumes that task and belongs to no
    /// executor: if it were told that it runs here, it would first go to the global pool, and wake the loop from there.
    func wake(_ job: UnownedJob) {
        job.runSynchronously(on: Self.anywhere)
        afterJob()
    }

    private static let anywhere = globalConcurrentExecutor.asUnownedTaskExecutor()

    private func enqueueElsewhere<C: Clock>(
        _ job: consuming ExecutorJob, after delay: C.Duration, _ tolerance: C.Duration?, _ clock: C
    ) {
        guard let elsewhere = globalConcurrentExecutor as? any SchedulingExecutor else { return enqueue(job) }
        elsewhere.enqueue(job, after: delay, tolerance: tolerance, clock: clock)
    }
}
