import CGatehouseSystem

/// Runs Swift tasks on one loop, so that a handler that does not suspend never leaves the thread that read its request.
///
/// A loop has one for whatever runs on it, and one for each slot of its scoreboard, so that the scoreboard says at every
/// moment which request's code runs.
package final class LoopExecutor: TaskExecutor, @unchecked Sendable {
    private let loop: PollLoop
    /// Called on the loop after every job: what the job wrote leaves when it suspends or ends.
    let afterJob: @Sendable () -> Void

    /// The slot whose request this runs; -1 for none.
    let slot: Int32
    private let cell: UnsafeMutablePointer<gatehouse_loop_cell>?

    init(
        loop: PollLoop, slot: Int32 = -1, cell: UnsafeMutablePointer<gatehouse_loop_cell>? = nil,
        afterJob: @escaping @Sendable () -> Void
    ) {
        self.loop = loop
        self.slot = slot
        self.cell = cell
        self.afterJob = afterJob
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        loop.enqueue(UnownedJob(job), on: self)
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
        if let cell {
            let before = gatehouse_cell_enter(cell, slot)
            job.runSynchronously(on: asUnownedTaskExecutor())
            _ = gatehouse_cell_enter(cell, before)
        } else {
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
        afterJob()
    }
}
