/// Runs Swift tasks on one loop, so that a handler that does not suspend never leaves the thread that read its request.
package final class LoopExecutor: TaskExecutor {
    private let loop: PollLoop
    /// Called on the loop after every job: what the job wrote leaves when it suspends or ends.
    let afterJob: @Sendable () -> Void
    /// Whether a job that becomes ready on the loop is for `runNow`, and that job. Touched on the loop only.
    private nonisolated(unsafe) var isCatching = false
    private nonisolated(unsafe) var caught: UnownedJob?

    init(loop: PollLoop, afterJob: @escaping @Sendable () -> Void) {
        self.loop = loop
        self.afterJob = afterJob
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        if loop.isCurrent, isCatching {
            isCatching = false
            caught = UnownedJob(job)
        } else {
            loop.enqueue(UnownedJob(job), on: self)
        }
    }

    /// Runs at once the job that `wake`, called on the loop, makes ready.
    func runNow(_ wake: () -> Void) {
        isCatching = true
        wake()
        isCatching = false
        let job = caught
        caught = nil
        job?.runSynchronously(on: asUnownedTaskExecutor())
    }

    /// Has the loop run the job in a while. From anywhere.
    func sleep(_ job: UnownedJob, nanoseconds: Int64) {
        let deadline = PollLoop.now() &+ nanoseconds
        if loop.isCurrent {
            loop.sleep(job, until: deadline)
        } else {
            loop.execute { [loop] in loop.sleep(job, until: deadline) }
        }
    }

    /// On the loop.
    func run(_ job: UnownedJob) {
        job.runSynchronously(on: asUnownedTaskExecutor())
        afterJob()
    }
}
