import CGatehouseSystem
import NIOPosix
import Synchronization

/// Runs the handlers of modules that asked for `.blocking`, and the work of ``BlockingThreads``, on threads that may be
/// blocked.
package final class BlockingExecutor: TaskExecutor {
    /// The process's own: a module's `init`, which runs before there is a server, can use it too.
    package static let shared = BlockingExecutor(threads: 64)

    private let count: Int
    /// The slot whose request this runs; -1 for none.
    private let slot: Int32
    private let threads: Threads

    /// The thread pool, shared by the executors of all slots. The first handler that needs it starts it: most workers
    /// have no such module.
    private final class Threads: Sendable {
        let pool = Mutex<NIOThreadPool?>(nil)
    }

    /// - Parameter threads: the most jobs that can block at a time.
    package init(threads count: Int) {
        self.count = count
        slot = -1
        threads = Threads()
    }

    private init(_ other: BlockingExecutor, slot: Int32) {
        count = other.count
        threads = other.threads
        self.slot = slot
    }

    /// An executor with the same threads, which mark the slot as running for the duration of each job.
    func working(for slot: Int32) -> BlockingExecutor {
        slot < 0 ? self : BlockingExecutor(self, slot: slot)
    }

    private func pool() -> NIOThreadPool {
        threads.pool.withLock { pool in
            if let pool { return pool }
            let started = NIOThreadPool(numberOfThreads: count)
            started.start()
            pool = started
            return started
        }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pool().submit { _ in
            // A pool that was shut down calls this too, on the caller's thread. The job runs even then: dropping it
            // would leave its task waiting for ever.
            let before = gatehouse_work_for(self.slot)
            job.runSynchronously(on: self.asUnownedTaskExecutor())
            _ = gatehouse_work_for(before)
        }
    }
}
