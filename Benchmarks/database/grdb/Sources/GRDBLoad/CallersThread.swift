import Glibc

/// One thread that runs the callers' jobs: the cheapest loop that there is, so that the figure is GRDB's.
final class CallersThread: TaskExecutor, @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let filled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [UnownedJob] = []

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(filled, nil)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        pthread_create(
            &thread, nil,
            { context in
                Unmanaged<CallersThread>.fromOpaque(context!).takeUnretainedValue().run()
                return nil
            }, context)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        pthread_mutex_lock(mutex)
        jobs.append(UnownedJob(job))
        if jobs.count == 1 { pthread_cond_signal(filled) }
        pthread_mutex_unlock(mutex)
    }

    private func run() {
        var taken: [UnownedJob] = []
        while true {
            pthread_mutex_lock(mutex)
            while jobs.isEmpty { pthread_cond_wait(filled, mutex) }
            swap(&taken, &jobs)
            pthread_mutex_unlock(mutex)
            for job in taken { job.runSynchronously(on: asUnownedTaskExecutor()) }
            taken.removeAll(keepingCapacity: true)
        }
    }
}
