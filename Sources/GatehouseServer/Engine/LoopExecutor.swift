import CGatehouseSystem
import GatehouseSystem

/// Runs Swift tasks on one loop, so that a handler that does not suspend never leaves the thread that read its request.
///
/// A loop has one of its own, and each task for handlers has another, so that the scoreboard shows at every moment
/// which request's code runs.
package final class LoopExecutor: TaskExecutor, @unchecked Sendable {
    private let loop: PollLoop
    /// Called on the loop after every job: its output leaves when it suspends or ends.
    let afterJob: @Sendable () -> Void
    // The next three are touched on the loop only.
    /// Whether the next job that becomes ready on the loop is for `runNow`.
    private nonisolated(unsafe) var isCatching = false
    private nonisolated(unsafe) var caught: UnownedJob?
    /// The slot whose request this runs; -1 for none.
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

    /// Schedules the job on the loop. From any thread.
    func sleep(_ job: UnownedJob, nanoseconds: Int64) {
        let deadline = MonotonicClock.nanoseconds() &+ nanoseconds
        if loop.isCurrent {
            loop.sleep(job, until: deadline)
        } else {
            loop.execute { [loop] in loop.sleep(job, until: deadline) }
        }
    }

    func run(_ job: UnownedJob) {
        withCurrentSlot { job.runSynchronously(on: asUnownedTaskExecutor()) }
        afterJob()
    }

    /// Marks the slot as running on the scoreboard for the duration of `work`.
    @inline(__always)
    func withCurrentSlot(_ work: () -> Void) {
        guard let cell else { return work() }
        let before = gatehouse_cell_enter(cell, slot)
        work()
        _ = gatehouse_cell_enter(cell, before)
    }
}
