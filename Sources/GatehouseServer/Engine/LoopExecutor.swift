package import NIOCore

/// Runs Swift tasks on one event loop, so that a handler that does not suspend never leaves the thread that read its
/// request.
package final class LoopExecutor: TaskExecutor {
    package let eventLoop: any EventLoop
    /// Called on the loop after every job: what the job wrote leaves when it suspends or ends.
    private let afterJob: @Sendable () -> Void

    init(eventLoop: any EventLoop, afterJob: @escaping @Sendable () -> Void) {
        self.eventLoop = eventLoop
        self.afterJob = afterJob
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute {
            job.runSynchronously(on: self.asUnownedTaskExecutor())
            self.afterJob()
        }
    }
}
