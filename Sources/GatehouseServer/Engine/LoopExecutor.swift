import CGatehouseSystem

/// Runs Swift tasks on one loop, so that a handler that does not suspend never leaves the thread that read its request.
///
/// A loop has one for whatever runs on it, and each task for handlers has its own, so that the scoreboard says at every
/// moment which request's code runs.
package final class LoopExecutor: TaskExecutor, @unchecked Sendable {
    private let loop: PollLoop
    /// Called on the loop after every job: what the job wrote leaves when it suspends or ends.
    let afterJob: @Sendable () -> Void
    /// Whether a job that becomes ready on the loop is for `runNow`, and that job. Touched on the loop only.
    private nonisolated(unsafe) var isCatching = false
    private nonisolated(unsafe) var caught: UnownedJob?

    /// The slot whose request this runs; -1 for none. Touched on the loop only.
    nonisolated(unsafe) var slot: Int32 = -1
    private let cell: UnsafeMutablePointer<gatehouse_loop_cell>?

    init(
        loop: PollLoop, cell: UnsafeMutablePointer<gatehouse_loop_cell>? = nil,
        afterJob: @escaping @Sendable () -> Void
    ) {
        self.loop = loop
        self.cell = cell
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
        if let job { withCurrentSlot { job.runSynchronously(on: asUnownedTaskExecutor()) } }
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
        withCurrentSlot { job.runSynchronously(on: asUnownedTaskExecutor()) }
        afterJob()
    }

    /// Tells the scoreboard while `work` runs that it is the slot's. On the loop.
    @inline(__always)
    func withCurrentSlot(_ work: () -> Void) {
        guard let cell else { return work() }
        let before = gatehouse_cell_enter(cell, slot)
        work()
        _ = gatehouse_cell_enter(cell, before)
    }
}
