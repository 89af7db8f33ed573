import CGatehouseSystem
import NIOConcurrencyHelpers
import NIOPosix

/// Runs the handlers of modules that asked for `.blocking` on threads that may be blocked.
package final class BlockingExecutor: TaskExecutor {
    private let count: Int
    /// The slot whose request this runs; -1 for none.
    private let slot: Int32
    /// Started by the first handler that needs it: most workers have no such module.
    private let threads: NIOLockedValueBox<NIOThreadPool?>

    /// - Parameter threads: how many handlers can block at a time.
    package init(threads count: Int) {
        self.count = count
        slot = -1
        threads = NIOLockedValueBox(nil)
    }

    private init(_ other: BlockingExecutor, slot: Int32) {
        count = other.count
        threads = other.threads
        self.slot = slot
    }

    /// The same threads, which tell while they run a job that it is this slot's request's.
    func working(for slot: Int32) -> BlockingExecutor {
        slot < 0 ? self : BlockingExecutor(self, slot: slot)
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
            let before = gatehouse_work_for(self.slot)
            job.runSynchronously(on: self.asUnownedTaskExecutor())
            _ = gatehouse_work_for(before)
        }
    }
}
