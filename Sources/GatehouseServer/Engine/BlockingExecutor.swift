import NIOConcurrencyHelpers
import NIOPosix

/// Runs the handlers of modules that asked for `.blocking` on threads that may be blocked.
package final class BlockingExecutor: TaskExecutor {
    private let count: Int
    /// Started by the first handler that needs it: most workers have no such module.
    private let threads = NIOLockedValueBox<NIOThreadPool?>(nil)

    /// - Parameter threads: how many handlers can block at a time.
    package init(threads count: Int) {
        self.count = count
    }

    private func pool() -> NIOThreadPool {
        threads.withLockedValue { threads in
            if let threads { return threads }
            let started = NIOThreadPool(numberOfThreads: count)
            started.start()
            threads = started
            return started
        }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pool().submit { _ in
            // A pool that was shut down calls this too, on the caller's thread: a job that is dropped would leave its
            // task, and whoever awaits it, waiting for ever.
            job.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }
}
