import NIOPosix

/// Runs the handlers of modules that asked for `.blocking` on threads that may be blocked.
package final class BlockingExecutor: TaskExecutor {
    private let threads: NIOThreadPool

    /// - Parameter threads: how many handlers can block at a time.
    package init(threads count: Int) {
        threads = NIOThreadPool(numberOfThreads: count)
        threads.start()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        threads.submit { _ in
            // A pool that was shut down calls this too, on the caller's thread: a job that is dropped would leave its
            // task, and whoever awaits it, waiting for ever.
            job.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }
}
